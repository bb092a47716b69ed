import {
  to = daytona_snapshot.agent
  id = "agent"
}
