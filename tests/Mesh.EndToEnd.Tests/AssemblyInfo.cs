// A test waits most of the time: for a process to start, which takes one core, for leases to end, for silos to be evicted. Two at a
// time leave each a core; more would measure each other. Whatever measures time or loads the machine says that it runs alone, which
// xUnit sees to only where no class has a fixture: what such a class is to run comes too late for its order.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.All, MaxThreads = 2)]
