// Each test starts several processes and measures how fast they react; two at a time would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
