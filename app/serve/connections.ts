import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps at most `most` connections. A further one takes the place of the oldest that waits without a request; only if all are
 * being answered is the new one closed. So nobody can hold all places by connecting and saying nothing.
 */
export function limitConnections(server: Server, most: number): void {
  const open = new Set<Socket>();
  const answering = new Set<Socket>();
  server.on('connection', (socket) => {
    if (open.size >= most) {
      const silent = [...open].find((each) => !answering.has(each));
      if (!silent) return void socket.destroy();
      open.delete(silent);
      silent.destroy();
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    answering.add(socket);
    response.once('close', () => answering.delete(socket));
  });
}
