"""What others wrote, as it comes: files in their packings, rows of every container, fields, and the
answers of models in the shapes that tools give them."""
