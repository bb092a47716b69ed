#!/usr/bin/env bash
# Daytona's SDK for Python 0.226.1 (PyPI `daytona`, with `obstore` 0.11.1): which certificates it trusts for uploads.
#
# Expected: the same as for the rest of the SDK. If SSL_CERT_FILE and REQUESTS_CA_BUNDLE name the authority of a storage with an internal certificate (such as
# MinIO behind an internal CA, common for a self-hosted Daytona), uploads work.
#
# Observed, against an HTTPS server whose authority only these variables name:
#   the library itself: asked
#   the SDK: invalid peer certificate: UnknownIssuer
# The SDK empties `os.environ` while it creates the storage client, so that the user's AWS_* variables do not affect it. The client reads SSL_CERT_FILE and
# SSL_CERT_DIR at that moment, so it does not see them either. The same SDK's requests to the API do honor them. Solution: add the authority to the certificates
# of the system.
set -euo pipefail
folder="$(mktemp -d)"
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install -q daytona==0.226.1 obstore==0.11.1

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj "/CN=An authority" -days 2 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj "/CN=localhost" 2>/dev/null
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.pem \
  -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") 2>/dev/null
cat >server.py <<'PY'
import http.server, ssl
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'<?xml version="1.0"?><ListBucketResult><Name>b</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>'
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem", "server.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 server.py >port &
server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
cat >client.py <<'PY'
import sys
import obstore
from obstore.store import S3Store
from daytona._sync.object_storage import ObjectStorage
endpoint = f"https://localhost:{sys.argv[1]}"
def ask(make):
    try:
        list(make().list(prefix="o"))
        return "asked"
    except Exception as error:
        return "invalid peer certificate: UnknownIssuer" if "UnknownIssuer" in str(error) else f"another error: {error}"
print("the library itself:", ask(lambda: S3Store(bucket="b", endpoint=endpoint, region="us-east-1", access_key_id="a", secret_access_key="s",
    retry_config={"max_retries": 0})))
print("the SDK:", ask(lambda: ObjectStorage(endpoint, "a", "s", "t", "b", region="us-east-1").store))
PY
seen="$(env -u SSL_CERT_DIR SSL_CERT_FILE="$folder/ca.pem" REQUESTS_CA_BUNDLE="$folder/ca.pem" python/bin/python client.py "$(cat port)")"
echo "$seen"
[ "$seen" = "the library itself: asked
the SDK: invalid peer certificate: UnknownIssuer" ] || { echo "this has changed" >&2; exit 1; }
