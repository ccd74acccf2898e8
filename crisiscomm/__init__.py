"""CrisisComm wires: settings, processes and the doors that belong to no single app."""
