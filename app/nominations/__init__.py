"""Who is proposed for an award, and how the jury judges."""
