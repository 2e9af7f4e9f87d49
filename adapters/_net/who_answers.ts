/**
 * Looks at what listens on a port, when a connection to it fails for reasons
 * that the failure does not tell: another program, or TLS where none is
 * expected.
 *
 * @module
 */

import { connect, isIP } from "node:net";
import { connect as connectTls } from "node:tls";

/**
 * What listens. `"tls"` is anything behind TLS; PostgreSQL says beforehand
 * whether it offers that. Redis hangs up at once when it has no connection
 * left, or is for its own machine only.
 */
export type Speaker =
  | "redis"
  | "crowded redis"
  | "protected redis"
  | "postgres"
  | "postgres with tls"
  | "http"
  | "tls"
  | "unknown";

/** What is read of a socket: enough to connect and hear the first answer. */
interface Socket {
  on(event: "data", listener: (bytes: Uint8Array) => void): unknown;
  on(
    event: "connect" | "secureConnect" | "error" | "close",
    listener: () => void,
  ): unknown;
  write(bytes: Uint8Array): unknown;
  destroy(): unknown;
}

/** How long is waited for an answer, in ms. */
const PATIENCE = 1_000;

const PING = new TextEncoder().encode("PING\r\n");
/** A client of PostgreSQL asks first whether it may encrypt. */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]);

/** What listens at an address; `"unknown"` also where nothing does. */
export async function whoAnswers(host: string, port: number): Promise<Speaker> {
  const found = await Promise.all([
    ask(host, port, PING).then(speakerOfPing),
    ask(host, port, SSL_REQUEST).then(speakerOfSslRequest),
    speaksTls(host, port).then((yes) => yes ? "tls" : "unknown"),
  ]);
  return found.find((each): each is Speaker => each !== "unknown") ?? "unknown";
}

function speakerOfPing(answer: string): Speaker {
  if (/^HTTP\//.test(answer)) return "http";
  if (/^-ERR max number of clients/.test(answer)) return "crowded redis";
  if (/^-DENIED/.test(answer)) return "protected redis";
  return /^[+-][A-Z]+/.test(answer) ? "redis" : "unknown";
}

function speakerOfSslRequest(answer: string): Speaker {
  if (answer === "S") return "postgres with tls";
  return answer === "N" ? "postgres" : "unknown";
}

/** The first that is answered; empty when nothing is. */
function ask(host: string, port: number, words: Uint8Array): Promise<string> {
  return withSocket(connect({ host, port }), "", (socket, resolve) => {
    socket.on("connect", () => socket.write(words));
    socket.on(
      "data",
      (bytes) => resolve(new TextDecoder("latin1").decode(bytes)),
    );
  });
}

function speaksTls(host: string, port: number): Promise<boolean> {
  const socket = connectTls({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // Nothing is sent over it, and whom it trusts is not the question.
    rejectUnauthorized: false,
  });
  return withSocket(socket, false, (socket, resolve) => {
    socket.on("secureConnect", () => resolve(true));
  });
}

/** Waits for what `listen` finds, or gives up. */
async function withSocket<T>(
  socket: Socket,
  otherwise: T,
  listen: (socket: Socket, resolve: (found: T) => void) => void,
): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  const giveUp = () => resolve(otherwise);
  socket.on("error", giveUp);
  socket.on("close", giveUp);
  const timer = setTimeout(giveUp, PATIENCE);
  listen(socket, resolve);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
