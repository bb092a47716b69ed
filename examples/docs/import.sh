# By name, or by the UUID of the snapshot
terraform import daytona_snapshot.agent agent
terraform import daytona_snapshot.agent 8a9e2f0c-4a34-4c9e-9b0e-2f1f3c1f7d11
