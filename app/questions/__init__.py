"""What a registration asks: the form, its versions, and what people answered."""
