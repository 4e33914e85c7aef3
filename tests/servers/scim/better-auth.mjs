// The SCIM plugin of Better Auth over SQLite in memory. Says where it listens.
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { scim } from "@better-auth/scim";

const server = createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}`;
const options = {
  database: new DatabaseSync(":memory:"),
  baseURL: base,
  secret: "only for this test, and of no use anywhere else",
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  emailAndPassword: { enabled: true },
  plugins: [scim({ connections: [{ id: "usher", credentials: [{ id: "one", token: process.env.SCIM_TOKEN }] }] })],
};
await (await getMigrations(options)).runMigrations();
server.on("request", toNodeHandler(betterAuth(options)));
console.log(`${base}/api/auth/scim/v2`);
