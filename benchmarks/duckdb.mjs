// duckdb.mjs MODULES DATABASE SQL...: runs the statements in DuckDB and prints how many seconds the last one took and
// the first value that it answered. MODULES is a folder in which npm installed @duckdb/node-api.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [modules, database, ...statements] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(join(resolve(modules), "package.json"))("@duckdb/node-api");
const connection = await (await DuckDBInstance.create(database)).connect();
let seconds, answer;
for (const statement of statements) {
  const began = performance.now();
  const rows = await (await connection.run(statement)).getRows();
  seconds = (performance.now() - began) / 1000;
  answer = rows.length > 0 ? String(rows[0][0]) : null;
}
console.log(JSON.stringify({ seconds, answer }));
