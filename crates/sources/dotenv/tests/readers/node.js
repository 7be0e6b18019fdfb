// What the npm package `dotenv` makes of each file of a folder: JSON lines of base64 texts.
// Usage: node node.js NODE_MODULES FOLDER COUNT
const fs = require("fs");
const path = require("path");
const [modules, folder, count] = process.argv.slice(2);
const dotenv = require(path.join(modules, "dotenv"));
for (let index = 0; index < Number(count); index++) {
  const values = dotenv.parse(fs.readFileSync(path.join(folder, String(index)), "utf8"));
  const encoded = {};
  for (const [name, value] of Object.entries(values)) {
    encoded[name] = Buffer.from(value, "utf8").toString("base64");
  }
  console.log(JSON.stringify(encoded));
}
