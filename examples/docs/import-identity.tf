import {
  to = daytona_snapshot.agent
  identity = {
    name = "agent"
  }
}
