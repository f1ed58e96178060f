"""The local whole: broker, topics, stream workers and store service under one supervisor."""
