/**
 * Sockets that do not keep their process alive: whoever waits for an answer
 * does that, and a program that has all its answers ends.
 *
 * @module
 */

import { Socket } from "node:net";

/** Where to connect to, as postgres.js has it. */
export interface Addresses {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** The path of a socket of this machine, in place of both. */
  readonly path?: string | false;
}

/**
 * Makes sockets, to each host in turn. A socket is given while it connects:
 * what is written to it meanwhile is sent then.
 */
export function unheldSockets(): (addresses: Addresses) => Socket {
  let turn = 0;
  return ({ host, port, path }) => {
    const socket = new Socket();
    if (path) {
      socket.connect(path);
    } else {
      const at = turn++ % port.length;
      const address = { host: host[at] ?? "localhost", port: port[at] ?? 5432 };
      // The driver names the host by these in its errors, and to TLS if it is
      // a name. A certificate would else be looked through for "localhost".
      Object.assign(socket, { ...address, _host: address.host });
      socket.connect(address);
    }
    endWithError(socket);
    return socket.unref();
  };
}

/**
 * Makes an error of it when the other side hangs up before it has said
 * anything: postgres.js would call it again without a pause or an end.
 */
function endWithError(socket: Socket): void {
  const hungUp = () => {
    const error = new Error("The server hung up before it said anything");
    socket.destroy(Object.assign(error, { code: "ECONNRESET" }));
  };
  socket.once("end", hungUp);
  socket.once("data", () => socket.off("end", hungUp));
}
