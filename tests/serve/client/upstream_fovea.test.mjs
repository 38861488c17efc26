// One Fovea in front of another.
import { chatSuite } from "./chat_suite.mjs";
import { Server } from "./server.mjs";

chatSuite(
  "in front of a Fovea",
  async () => {
    const upstream = await Server.start();
    return (await Server.start(["--upstream", `${upstream.url}/v1`])).with(upstream);
  },
  { own: false, fovea: true },
);
