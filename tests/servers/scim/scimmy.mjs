// SCIMMY over maps in memory. Says on which port it listens; ends with its parent. SCIM_EXPRESS=express5 serves it with
// the Express that scimmy-routers does not know: startIndex and count are ignored then.
import { randomUUID } from "node:crypto";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const { default: express } = await import(process.env.SCIM_EXPRESS ?? "express");
const largestPage = 20;
const { User, Group } = SCIMMY.Resources;
SCIMMY.Config.set({ patch: true, filter: { supported: true, maxResults: largestPage } });

const notFound = (id) => new SCIMMY.Types.Error(404, null, `there is no ${id}`);

/// One kind of resource, kept in a map; `check` throws what the kind refuses.
function keep(kind, check = () => {}) {
  const held = new Map();
  kind
    .ingress(async (resource, data) => {
      // Storage takes its time: two requests to one resource that run side by side overwrite each other.
      await new Promise((done) => setTimeout(done, 8));
      const given = JSON.parse(JSON.stringify(data));
      if (resource.id && !held.has(resource.id)) throw notFound(resource.id);
      check(given, resource.id, held);
      const one = { ...given, id: resource.id ?? randomUUID() };
      held.set(one.id, one);
      return one;
    })
    .egress(async (resource) => {
      if (resource.id) {
        if (!held.has(resource.id)) throw notFound(resource.id);
        return held.get(resource.id);
      }
      let all = [...held.values()];
      if (resource.filter) all = resource.filter.match(all);
      const start = Math.max(resource.constraints?.startIndex ?? 1, 1);
      const count = Math.min(resource.constraints?.count ?? largestPage, largestPage);
      resource.constraints = { startIndex: start, count, totalResults: all.length };
      return all.slice(start - 1, start - 1 + count);
    })
    .degress(async (resource) => {
      if (!held.delete(resource.id)) throw notFound(resource.id);
    });
}

keep(SCIMMY.Resources.declare(User).extend(SCIMMY.Schemas.EnterpriseUser, false), (user, id, held) => {
  const same = (one) => one.id !== id && one.userName.toLowerCase() === user.userName.toLowerCase();
  if ([...held.values()].some(same)) throw new SCIMMY.Types.Error(409, "uniqueness", "userName is taken");
});
keep(SCIMMY.Resources.declare(Group));

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
  type: "bearer",
  handler: (request) => {
    if (request.header("Authorization") !== `Bearer ${process.env.SCIM_TOKEN}`) throw new Error("no such token");
    return "usher";
  },
}));
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/scim/v2`));
