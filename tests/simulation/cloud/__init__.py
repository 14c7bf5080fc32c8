"""AWS in memory, below boto3's clients: the operations SageRelay calls, with AWS's manners and in simulated time."""
