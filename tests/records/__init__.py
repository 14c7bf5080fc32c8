"""What is stored outlives the code that wrote it: records, documents and settings of other releases."""
