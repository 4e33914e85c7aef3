// A platform played on this machine with people, and usher on it: what the reports are made of.
import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';

const departments = ['engineering', 'operations', 'quality'];
const evil = '</script><img src=x onerror="document.title=\'taken\'">';

const record = (i, changes = {}) => {
  const person = {key: `E${i}`, first: `First${i}`, last: `Last${i}`, mail: `p${i}@example.com`, department: departments[i % 3], ...changes};
  const cell = text => `"${text.replaceAll('"', '""')}"`;
  return [person.key, person.first, person.last, person.mail, person.department].map(cell).join(',');
};

export class World {
  constructor(build, folder) {
    Object.assign(this, {build, folder});
    rmSync(folder, {recursive: true, force: true});
    mkdirSync(folder, {recursive: true});
  }

  async open() {
    const groups = departments.map(name => ({id: `g-${name}`, name}));
    writeFileSync(path.join(this.folder, 'world.json'), JSON.stringify({users: [], groups, policies: []}));
    const ports = path.join(this.folder, 'ports');
    this.sandbox = spawn(path.join(this.build, 'usher-sandbox'),
      ['--platform', 'mainflux', '--empty', '--load', path.join(this.folder, 'world.json'), '--port-file', ports], {stdio: 'ignore'});
    while (!existsSync(ports)) await wait(20);
    const port = readFileSync(ports, 'utf8').match(/mainflux=(\d+)/)[1];
    this.url = `http://127.0.0.1:${port}`;
    writeFileSync(path.join(this.folder, 'usher.yaml'), `version: 1
platforms:
  hr: {connector: csv, path: people.csv}
  iot: {connector: mainflux, url: "http://127.0.0.1:${port}", identity: admin@example.com, secret: "\${env:SECRET}"}
people:
  from: hr
  key: record.key
  attributes: {mail: record.mail, name: record.first + " " + record.last, department: record.department}
accounts:
  iot:
    match: [{account: credentials.identity, person: person.mail}]
    set: {credentials.identity: person.mail, name: person.name, tags: [person.department]}
    groups:
${departments.map(name => `      - {group: ${name}, when: person.department == "${name}", actions: [m_read]}`).join('\n')}
    leavers: {disable: now}
    guards: {create: 20000}
`);
  }

  close() { this.sandbox?.kill(); }

  // What goes wrong from now on, as examples/sandbox/README.md says it.
  async fault(rule) {
    const reply = await fetch(`${this.url}/__sandbox/faults`, {method: 'POST', body: JSON.stringify([rule])});
    if (!reply.ok) throw new Error(await reply.text());
  }

  people(rows) { writeFileSync(path.join(this.folder, 'people.csv'), `key,first,last,mail,department\n${rows.join('\n')}\n`); }

  // Ends with one of the codes, else throws.
  usher(words, codes = [0], options = {}) {
    try {
      return execFileSync(path.join(this.build, 'usher'), words, {cwd: this.folder, env: {...process.env, SECRET: '12345678'}, ...options}).toString();
    } catch (error) {
      if (codes.includes(error.status)) return error.stdout.toString();
      throw new Error(`usher ${words.join(' ')} ended with ${error.status}: ${error.stderr}`);
    }
  }
}

// Sixty people who were synchronised; then movers, joiners, hostile names, and more leavers than guards let through.
export async function changedWorld(build, folder) {
  const world = new World(build, folder);
  await world.open();
  const all = Array.from({length: 60}, (_, i) => record(i));
  world.people(all);
  world.usher(['sync', '--quiet']);
  const edited = all.slice(0, 51);
  for (const i of [3, 6, 9]) edited[i] = record(i, {department: departments[(i + 1) % 3]});
  edited[12] = record(12, {last: evil});
  edited[13] = record(13, {last: 'Bidi \u202etxt.exe'});
  for (let i = 60; i < 64; ++i) edited.push(record(i));
  edited.push(record(64, {mail: ''}));
  world.people(edited);
  return world;
}

// Sixty people who were synchronised; then one leaves, as guards let through, and one has another name.
export async function leaverWorld(build, folder) {
  const world = new World(build, folder);
  await world.open();
  const all = Array.from({length: 60}, (_, i) => record(i));
  world.people(all);
  world.usher(['sync', '--quiet']);
  all[3] = record(3, {last: 'Renamed'});
  world.people(all.slice(0, 59));
  return world;
}

export async function largeWorld(build, folder) {
  const world = new World(build, folder);
  await world.open();
  world.people(Array.from({length: 10_000}, (_, i) => record(i)));
  return world;
}
