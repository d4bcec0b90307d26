/** A process that fills its share of a data folder. */
import { fillPart, type PopulationPart } from './population-part.js';

const options = JSON.parse(process.argv[2] ?? '{}') as PopulationPart;
await fillPart(options, (line) => void process.stderr.write(`${line}\n`));
process.stdout.write('{}\n');
