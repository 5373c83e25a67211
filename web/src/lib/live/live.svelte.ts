/** The one socket of this tab, and what views need to know of it. */
import { LiveSocket, SUBPROTOCOL, type SocketState } from "./socket";

function openSocket(): WebSocket {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return new WebSocket(`${scheme}://${location.host}/ws`, SUBPROTOCOL);
}

export const socket = new LiveSocket({
  open: openSocket,
  random: Math.random,
  setTimer: (run, ms) => window.setTimeout(run, ms),
  clearTimer: (timer) => {
    window.clearTimeout(timer);
  },
});

class Live {
  state = $state<SocketState>("idle");
  /** Counts the times that events were lost; read it in an effect to fetch anew. */
  gaps = $state(0);
}

export const live = new Live();

socket.onState = (state) => {
  live.state = state;
};
socket.onGap = () => {
  live.gaps += 1;
};
