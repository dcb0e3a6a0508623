"""Who was present, half-day by half-day: the record that stands afterwards."""
