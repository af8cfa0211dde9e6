// Runs the Slack part of the npm package "emulate" for the comparison test: node emulator.mjs FOLDER EVENTS_URL SECRET
// FOLDER holds node_modules/emulate. The port is chosen by the system and told on the first line of output.
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, eventsUrl, signingSecret] = process.argv.slice(2);
const dist = resolve(folder, "node_modules", "emulate", "dist");
const load = (file) => import(pathToFileURL(join(dist, file)));

// Events can only be subscribed to by the plugin itself, so find the bundle that defines it and hook its registration.
async function slackPlugin() {
  for (const file of await readdir(dist)) {
    if (/^dist-.*\.js$/.test(file) && (await readFile(join(dist, file), "utf8")).includes("slackPlugin = {")) {
      return (await load(file)).slackPlugin;
    }
  }
  throw new Error("this version of emulate has no Slack plugin where it is expected");
}

function freePort() {
  return new Promise((found) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

const plugin = await slackPlugin();
const registerRoutes = plugin.register;
plugin.register = function (app, store, webhooks, ...others) {
  webhooks.register({ url: eventsUrl, events: ["*"], active: true, owner: "slack" });
  return registerRoutes.call(this, app, store, webhooks, ...others);
};

const scopes = [
  "channels:history", "channels:join", "channels:manage", "channels:read", "chat:write", "files:read", "files:write",
  "groups:history", "groups:read", "im:history", "im:read", "im:write", "pins:read", "pins:write", "reactions:read",
  "reactions:write", "team:read", "users:read", "users:read.email", "users.profile:read",
];
const { createEmulator } = await load("api.js");
const running = await createEmulator({
  service: "slack",
  port: await freePort(),
  seed: {
    slack: {
      team: { name: "Sunrise Coffee", domain: "sunrise-coffee" },
      signing_secret: signingSecret,
      strict_scopes: true,
      users: [
        { name: "aki", real_name: "Aki Tanaka", email: "aki@sunrise-coffee.example" },
        { name: "ben", real_name: "Ben Carter", email: "ben@sunrise-coffee.example" },
      ],
      channels: [{ name: "lounge", topic: "tea" }],
      oauth_apps: [
        {
          client_id: "1.1", client_secret: "none", app_id: "A0MADOGUCHI", name: "Madoguchi",
          redirect_uris: ["http://127.0.0.1/"], scopes, bot_name: "madoguchi",
        },
      ],
      tokens: [
        { token: "xoxb-bot", user: "madoguchi", scopes, app_id: "A0MADOGUCHI" },
        { token: "xoxb-poor", user: "madoguchi", scopes: ["users:read"], app_id: "A0MADOGUCHI" },
        { token: "xoxp-aki", user: "aki", scopes },
      ],
    },
  },
});
console.log(JSON.stringify({ url: running.url }));
