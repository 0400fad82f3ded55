"""What stands in for Kubernetes: enough of it for JAX to find its processes, and no more.

``python -m mapped_axis.cluster.kubernetes job.yaml`` reads the manifest of an indexed Job
and, on this machine,

* answers JAX's questions as the API server of Kubernetes would: with the pods and the Job
  of the manifest, over TLS, to who shows the token of the service account, and only what a
  Role of the manifest allows; to all else it says 403, as Kubernetes does;
* gives each pod an address of its own and the names that a headless Service gives;
* starts the command of the container once for each index, with the environment and the
  files that a pod has, and prints which question was asked, what each pod wrote to stderr,
  and how it ended.

There is no container, no scheduler, no network policy: what the manifest says of those is
looked at by a validator, and by nobody else.
"""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import yaml

Manifest: TypeAlias = dict[str, Any]

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
API = "127.0.0.1"
NAMESPACE = "default"
# A path of the API: its group, namespace, resource, and the name of one of these.
_PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/[^/]+/namespaces/(?P<namespace>[^/]+)"
    r"/(?P<resource>[^/]+)(?:/(?P<name>[^/]+))?"
)


def main(path: Path) -> int:
    """Run the Job of a manifest; return 0 if all its pods ended well."""
    manifests = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    (job,) = (m for m in manifests if m["kind"] == "Job")
    # What the API server writes into a Job that has none; JAX looks at it.
    own = {"batch.kubernetes.io/job-name": job["metadata"]["name"]}
    job["metadata"]["labels"] = own | job["metadata"].get("labels", {})
    pods = list(pods_of(job, manifests))
    _name(pods)
    token = os.urandom(16).hex()
    key = _account(token)
    server = ThreadingHTTPServer((API, 0), _handler(manifests, pods, token))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ACCOUNT / "ca.crt", key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    statuses = _run(job, pods, server.server_port)
    server.shutdown()
    return 1 if any(statuses) else 0


def pods_of(job: Manifest, manifests: list[Manifest]) -> Iterator[Manifest]:
    """Yield the pods of an indexed Job, as the Job controller makes them."""
    name = job["metadata"]["name"]
    template = job["spec"]["template"]
    services = [m["metadata"]["name"] for m in manifests if m["kind"] == "Service"]
    subdomain = template["spec"].get("subdomain")
    for index in range(job["spec"]["completions"]):
        yield {
            "metadata": {
                "name": f"{name}-{index}",
                "labels": {"job-name": name},
                "ownerReferences": [
                    {
                        "apiVersion": job["apiVersion"],
                        "kind": "Job",
                        "name": name,
                        "uid": "0",
                        "controller": True,
                    }
                ],
            },
            "spec": {
                "hostname": f"{name}-{index}",
                "containers": template["spec"]["containers"],
                # A name in it is found where a Service has that name.
                "subdomain": subdomain if subdomain in services else None,
            },
            "status": {"podIP": f"127.0.0.{10 + index}"},
        }


def _name(pods: list[Manifest]) -> None:
    """Let the names of pods lead to their addresses."""
    with open("/etc/hosts", "a", encoding="utf-8") as hosts:
        for pod in pods:
            name, subdomain = pod["spec"]["hostname"], pod["spec"]["subdomain"]
            hosts.write(f"{pod['status']['podIP']} {name}.{subdomain} {name}\n")


def _account(token: str) -> Path:
    """Write what a pod finds of its service account; return the key of the server."""
    ACCOUNT.mkdir(parents=True, exist_ok=True)
    (ACCOUNT / "token").write_text(token)
    (ACCOUNT / "namespace").write_text(NAMESPACE)
    key = ACCOUNT.parent / "server.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=kubernetes", "-addext", f"subjectAltName=IP:{API}"),
            *("-keyout", key, "-out", ACCOUNT / "ca.crt"),
        ],
        check=True,
        capture_output=True,
    )
    return key


def allowed(manifests: list[Manifest], group: str, resource: str, verb: str) -> bool:
    """Return whether a Role of the manifest allows a question."""
    return any(
        group in rule["apiGroups"]
        and resource in rule["resources"]
        and verb in rule["verbs"]
        for manifest in manifests
        if manifest["kind"] == "Role"
        for rule in manifest["rules"]
    )


def _handler(
    manifests: list[Manifest], pods: list[Manifest], token: str
) -> type[BaseHTTPRequestHandler]:
    """Return what answers the questions of JAX."""
    there = {
        ("", "pods"): pods,
        ("batch", "jobs"): [m for m in manifests if m["kind"] == "Job"],
        ("", "services"): [m for m in manifests if m["kind"] == "Service"],
    }
    asked: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer one question."""
            parts = urlsplit(self.path)
            match = _PATH.fullmatch(parts.path)
            # The scheme is written in either case; the token is not.
            scheme, _, shown = self.headers.get("Authorization", "").partition(" ")
            if (scheme.lower(), shown) != ("bearer", token):
                return self.answer(401, {"message": "Unauthorized"})
            if not match or match["namespace"] != NAMESPACE:
                return self.answer(404, {"message": "Not Found"})
            group, resource, name = (
                match["group"] or "",
                match["resource"],
                match["name"],
            )
            verb = "get" if name else "list"
            may = allowed(manifests, group, resource, verb)
            line = f"API: {verb} {resource}: {'allowed' if may else 'forbidden'}\n"
            if line not in asked:
                asked.add(line)
                sys.stdout.write(line)
                sys.stdout.flush()
            if not may:
                return self.answer(403, {"message": "Forbidden"})
            found = [
                item
                for item in there.get((group, resource), [])
                if name in (None, item["metadata"]["name"])
                and _selected(item, parse_qs(parts.query).get("fieldSelector", []))
            ]
            if not name:
                return self.answer(200, {"items": found})
            return self.answer(200, found[0]) if found else self.answer(404, {})

        def answer(self, status: int, says: Mapping[str, Any]) -> None:
            """Send what was asked for."""
            body = json.dumps(says).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing for each question."""

    return Handler


def _selected(item: Manifest, selectors: list[str]) -> bool:
    """Return whether an item has the values that a field selector asks for."""
    for selector in selectors:
        path, _, value = selector.partition("=")
        field: Any = item
        for key in path.split("."):
            field = field.get(key, {})
        if field != value:
            return False
    return True


def _run(job: Manifest, pods: list[Manifest], port: int) -> list[int]:
    """Run the container of each pod to its end; return the exit statuses."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    own = {item["name"]: item["value"] for item in container.get("env", [])}
    running = []
    for index, pod in enumerate(pods):
        environment = {
            **os.environ,
            **own,
            "KUBERNETES_SERVICE_HOST": API,
            "KUBERNETES_SERVICE_PORT": str(port),
            "HOSTNAME": pod["spec"]["hostname"],
            "JOB_COMPLETION_INDEX": str(index),
        }
        running.append(
            subprocess.Popen(
                container["command"],
                env=environment,
                stdout=subprocess.DEVNULL,  # the library between them writes to it
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    written = [process.communicate()[1] for process in running]
    for pod, process, text in zip(pods, running, written, strict=True):
        for line in text.splitlines():
            print(f"{pod['metadata']['name']}: {line}")
        print(f"{pod['metadata']['name']}: exit status {process.returncode}")
    return [process.returncode for process in running]


if __name__ == "__main__":
    socket.setdefaulttimeout(60)
    sys.exit(main(Path(sys.argv[1])))
