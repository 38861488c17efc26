"""A TCP link to a server on this machine that answers later than it does, for tests and benchmarks."""

import socket
import threading
import time


class DelayedLink:
    """Listens at `port`, and passes on to `to_port`. Each answer comes `delay_s` after its question at the earliest,
    and no faster than `bytes_per_s`, where that is given."""

    def __init__(self, to_port, delay_s, bytes_per_s=None):
        self.to_port, self.delay_s, self.bytes_per_s = to_port, delay_s, bytes_per_s
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.ends = [self.listening]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        for end in self.ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already
            end.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
                server = socket.create_connection(("127.0.0.1", self.to_port))
            except OSError:
                return
            self.ends += [client, server]
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            asked = {"s": 0.0}
            threading.Thread(target=self.questions, args=(client, server, asked), daemon=True).start()
            threading.Thread(target=self.answers, args=(server, client, asked), daemon=True).start()

    def questions(self, client, server, asked):
        try:
            while chunk := client.recv(1 << 16):
                asked["s"] = time.monotonic()
                server.sendall(chunk)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # an end was closed

    def answers(self, server, client, asked):
        try:
            while chunk := server.recv(1 << 16):
                if (early_s := asked["s"] + self.delay_s - time.monotonic()) > 0:
                    time.sleep(early_s)
                if self.bytes_per_s:
                    time.sleep(len(chunk) / self.bytes_per_s)
                client.sendall(chunk)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # an end was closed
