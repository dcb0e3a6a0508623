"""What is asked of each person: reminders and escalations, one mail a day at most."""
