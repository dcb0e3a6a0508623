"""Counter-proposals: the ball goes to and fro until both agree or the leader decides."""
