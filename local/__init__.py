"""The local whole: broker, topics, stream workers and store service as child processes under one supervisor."""
