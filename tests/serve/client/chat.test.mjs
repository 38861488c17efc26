// Fovea computes.
import { chatSuite } from "./chat_suite.mjs";
import { Server } from "./server.mjs";

chatSuite("chat completions", () => Server.start(), { own: true });
