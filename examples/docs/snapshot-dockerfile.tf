resource "daytona_snapshot" "tools" {
  name = "tools"

  dockerfile_content = <<-EOT
    FROM python:3.12-slim
    RUN pip install --no-cache-dir numpy==2.2.1
    WORKDIR /workspace
  EOT

  # Changing the value creates a new snapshot.
  triggers = {
    month = "2026-01"
  }

  timeouts = {
    create = "45m"
  }
}
