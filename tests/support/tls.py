"""TLS before a server that speaks none, with certificates made for it."""
import contextlib
import socket
import ssl
import subprocess
import threading


def certificate(folder):
    """A file of an authority, and one of a server's key and certificate that it signed."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj",
            "/CN=authority")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=127.0.0.1")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile",
            "names", "-out", "server.pem")
    (folder / "server.both").write_text((folder / "server.key").read_text() + (folder / "server.pem").read_text())
    return folder / "ca.pem", folder / "server.both"


def copy(source, target):
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def listening(serve):
    """A port of loopback; serve(connection) runs in a thread of its own for each who connects."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def pass_on(connection, port):
    """Both ways between a connection and a port of loopback, until one of them ends."""
    behind = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=copy, args=(behind, connection), daemon=True).start()
    copy(connection, behind)


@contextlib.contextmanager
def tls_before(port, both):
    """Ends TLS before a server on loopback; the port to ask."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)

    def serve(connection):
        try:
            asked = context.wrap_socket(connection, server_side=True)
        except OSError:  # a client that does not trust it
            connection.close()
            return
        pass_on(asked, port)

    with listening(serve) as found:
        yield found
