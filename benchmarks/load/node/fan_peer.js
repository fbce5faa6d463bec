// The fan-out on Node's ws: node fan_peer.js PORT. Each message is encoded once, and sent to each client.
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4096 });

function message(number) {
  const told = "Your booking has been confirmed by the vendor, who'll come at the time that you have agreed on.";
  const data = {
    booking_id: "5d1b2f34-7c1e-4b53-9c46-0f7a0e5d9c11",
    old_status: "pending",
    new_status: "confirmed",
    timestamp: "2026-01-15T10:00:00Z",
    message: told,
    number: String(number).padStart(4, "0"),
  };
  return { type: "booking_status_change", data };
}

server.on("connection", (client) => {
  client.on("message", (command) => {
    const { fire } = JSON.parse(command);
    for (let number = 0; number < fire; number++) {
      const text = Buffer.from(JSON.stringify(message(number)));
      for (const one of server.clients) one.send(text, { binary: false });
    }
  });
});
