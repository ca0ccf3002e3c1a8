"""Links with a code: made, looked at, used up, taken back."""
