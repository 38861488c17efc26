// Fovea in front of llama-server.
import { chatSuite } from "./chat_suite.mjs";
import { LlamaServer, Server } from "./server.mjs";

chatSuite(
  "in front of llama-server",
  async () => {
    const upstream = await LlamaServer.start();
    return (await Server.start(["--upstream", `${upstream.url}/v1`])).with(upstream);
  },
  { own: false },
);
