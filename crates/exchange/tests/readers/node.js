// What JavaScript's readers make of each file of a folder: JSON lines of base64 texts.
// Usage: node node.js NODE_MODULES env|json|k8s-secret|yaml FOLDER COUNT
const fs = require("fs");
const path = require("path");
const [modules, kind, folder, count] = process.argv.slice(2);

// Both versions of YAML, which must not differ.
function readYaml(data) {
  const yaml = require(path.join(modules, "yaml"));
  const [one, other] = ["1.1", "1.2"].map((version) => yaml.parse(data, { version, strict: true }));
  if (JSON.stringify(one) !== JSON.stringify(other)) {
    throw new Error("the versions differ");
  }
  return one;
}

function readSecret(data) {
  const decoded = (value) => Buffer.from(value, "base64");
  return Object.fromEntries(Object.entries(readYaml(data).data).map(([name, value]) => [name, decoded(value)]));
}

const readers = {
  env: (data) => require(path.join(modules, "dotenv")).parse(data),
  json: JSON.parse,
  "k8s-secret": readSecret,
  yaml: readYaml,
};
for (let index = 0; index < Number(count); index++) {
  const values = readers[kind](fs.readFileSync(path.join(folder, String(index)), "utf8"));
  const encoded = {};
  for (const [name, value] of Object.entries(values)) {
    encoded[Buffer.from(name).toString("base64")] = Buffer.from(value).toString("base64");
  }
  console.log(JSON.stringify(encoded));
}
