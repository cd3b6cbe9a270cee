"""The sandbox: where tools run, shut away from the machine and from each other's leavings."""
