"""The grid on which a programme is arranged, and the moves that can be taken back."""
