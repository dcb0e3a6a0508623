"""Many registrations in one act: a group, a table; and taking the whole act back."""
