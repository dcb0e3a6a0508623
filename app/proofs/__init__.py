"""What proves anew who somebody is: passkey, time code, password."""
