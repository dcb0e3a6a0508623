"""Documents: text from people made into HTML, plain text, differences, QR codes and printed PDF paper."""
