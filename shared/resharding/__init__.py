"""Cut the journal and everything counted into another number of partitions, while nothing else runs."""
