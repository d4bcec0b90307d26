/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["fairwatch"] || ($protobuf.roots["fairwatch"] = {});

export const fairwatch = $root.fairwatch = (() => {

    /**
     * Namespace fairwatch.
     * @exports fairwatch
     * @namespace
     */
    const fairwatch = {};

    fairwatch.wire = (function() {

        /**
         * Namespace wire.
         * @memberof fairwatch
         * @namespace
         */
        const wire = {};

        wire.v1 = (function() {

            /**
             * Namespace v1.
             * @memberof fairwatch.wire
             * @namespace
             */
            const v1 = {};

            v1.Envelope = (function() {

                /**
                 * Properties of an Envelope.
                 * @typedef {Object} fairwatch.wire.v1.Envelope.$Properties
                 * @property {number|null} [key_id] Envelope key_id
                 * @property {number|Long|null} [sequence] Envelope sequence
                 * @property {Uint8Array|null} [ciphertext] Envelope ciphertext
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an Envelope.
                 * @memberof fairwatch.wire.v1
                 * @interface IEnvelope
                 * @augments fairwatch.wire.v1.Envelope.$Properties
                 * @deprecated Use fairwatch.wire.v1.Envelope.$Properties instead.
                 */

                /**
                 * Shape of an Envelope.
                 * @typedef {fairwatch.wire.v1.Envelope.$Properties} fairwatch.wire.v1.Envelope.$Shape
                 */

                /**
                 * Constructs a new Envelope.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents an Envelope.
                 * @constructor
                 * @param {fairwatch.wire.v1.Envelope.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Envelope = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Envelope key_id.
                 * @member {number} key_id
                 * @memberof fairwatch.wire.v1.Envelope
                 * @instance
                 */
                Envelope.prototype.key_id = 0;

                /**
                 * Envelope sequence.
                 * @member {number|Long} sequence
                 * @memberof fairwatch.wire.v1.Envelope
                 * @instance
                 */
                Envelope.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Envelope ciphertext.
                 * @member {Uint8Array} ciphertext
                 * @memberof fairwatch.wire.v1.Envelope
                 * @instance
                 */
                Envelope.prototype.ciphertext = $util.newBuffer([]);

                /**
                 * Encodes the specified Envelope message. Does not implicitly {@link fairwatch.wire.v1.Envelope.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.Envelope
                 * @static
                 * @param {fairwatch.wire.v1.Envelope.$Properties} message Envelope message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Envelope.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.key_id != null && $Object.hasOwnProperty.call(message, "key_id") && message.key_id !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.key_id);
                    if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                        writer.uint32(/* id 2, wireType 1 =*/17).fixed64(message.sequence);
                    if (message.ciphertext != null && $Object.hasOwnProperty.call(message, "ciphertext") && message.ciphertext.length)
                        writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.ciphertext);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an Envelope message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.Envelope
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Envelope & fairwatch.wire.v1.Envelope.$Shape} Envelope
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Envelope.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.Envelope();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.key_id = value;
                                else
                                    delete message.key_id;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 1)
                                    break;
                                if (typeof (value = reader.fixed64()) === "object" ? value.low || value.high : value !== 0)
                                    message.sequence = value;
                                else
                                    delete message.sequence;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.ciphertext = value;
                                else
                                    delete message.ciphertext;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Envelope;
            })();

            v1.Upload = (function() {

                /**
                 * Properties of an Upload.
                 * @typedef {Object} fairwatch.wire.v1.Upload.$Properties
                 * @property {number|Long|null} [sequence] Upload sequence
                 * @property {Array.<fairwatch.wire.v1.Record.$Properties>|null} [records] Upload records
                 * @property {number|Long|null} [oldest_held] Upload oldest_held
                 * @property {Uint8Array|null} [attestation] Upload attestation
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an Upload.
                 * @memberof fairwatch.wire.v1
                 * @interface IUpload
                 * @augments fairwatch.wire.v1.Upload.$Properties
                 * @deprecated Use fairwatch.wire.v1.Upload.$Properties instead.
                 */

                /**
                 * Shape of an Upload.
                 * @typedef {{
                 *   sequence?: number|Long|null;
                 *   records?: Array.<fairwatch.wire.v1.Record.$Shape>|null;
                 *   oldest_held?: number|Long|null;
                 *   attestation?: Uint8Array|null;
                 *   $unknowns?: Array.<Uint8Array>;
                 * }} fairwatch.wire.v1.Upload.$Shape
                 */

                /**
                 * Constructs a new Upload.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents an Upload.
                 * @constructor
                 * @param {fairwatch.wire.v1.Upload.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Upload = function (properties) {
                    this.records = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Upload sequence.
                 * @member {number|Long} sequence
                 * @memberof fairwatch.wire.v1.Upload
                 * @instance
                 */
                Upload.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Upload records.
                 * @member {Array.<fairwatch.wire.v1.Record.$Properties>} records
                 * @memberof fairwatch.wire.v1.Upload
                 * @instance
                 */
                Upload.prototype.records = $util.emptyArray;

                /**
                 * Upload oldest_held.
                 * @member {number|Long} oldest_held
                 * @memberof fairwatch.wire.v1.Upload
                 * @instance
                 */
                Upload.prototype.oldest_held = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Upload attestation.
                 * @member {Uint8Array} attestation
                 * @memberof fairwatch.wire.v1.Upload
                 * @instance
                 */
                Upload.prototype.attestation = $util.newBuffer([]);

                /**
                 * Encodes the specified Upload message. Does not implicitly {@link fairwatch.wire.v1.Upload.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.Upload
                 * @static
                 * @param {fairwatch.wire.v1.Upload.$Properties} message Upload message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Upload.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                        writer.uint32(/* id 1, wireType 1 =*/9).fixed64(message.sequence);
                    if (message.records != null && message.records.length)
                        for (let i = 0; i < message.records.length; ++i)
                            $root.fairwatch.wire.v1.Record.encode(message.records[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.oldest_held != null && $Object.hasOwnProperty.call(message, "oldest_held") && (typeof message.oldest_held === "object" ? message.oldest_held.low || message.oldest_held.high : message.oldest_held !== 0))
                        writer.uint32(/* id 3, wireType 1 =*/25).fixed64(message.oldest_held);
                    if (message.attestation != null && $Object.hasOwnProperty.call(message, "attestation") && message.attestation.length)
                        writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.attestation);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an Upload message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.Upload
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Upload & fairwatch.wire.v1.Upload.$Shape} Upload
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Upload.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.Upload();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 1)
                                    break;
                                if (typeof (value = reader.fixed64()) === "object" ? value.low || value.high : value !== 0)
                                    message.sequence = value;
                                else
                                    delete message.sequence;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.records && message.records.length))
                                    message.records = [];
                                message.records.push($root.fairwatch.wire.v1.Record.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 3: {
                                if (wireType !== 1)
                                    break;
                                if (typeof (value = reader.fixed64()) === "object" ? value.low || value.high : value !== 0)
                                    message.oldest_held = value;
                                else
                                    delete message.oldest_held;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.attestation = value;
                                else
                                    delete message.attestation;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Upload;
            })();

            v1.Record = (function() {

                /**
                 * Properties of a Record.
                 * @typedef {Object} fairwatch.wire.v1.Record.$Properties
                 * @property {number|Long|null} [time_ms] Record time_ms
                 * @property {fairwatch.wire.v1.LocationFix.$Properties|null} [fix] Record fix
                 * @property {fairwatch.wire.v1.RfReading.$Properties|null} [rf] Record rf
                 * @property {fairwatch.wire.v1.TagStatus.$Properties|null} [tag] Record tag
                 * @property {fairwatch.wire.v1.HomeUnitStatus.$Properties|null} [unit] Record unit
                 * @property {fairwatch.wire.v1.AlcoholReading.$Properties|null} [alcohol] Record alcohol
                 * @property {fairwatch.wire.v1.Heartbeat.$Properties|null} [heartbeat] Record heartbeat
                 * @property {"fix"|"rf"|"tag"|"unit"|"alcohol"|"heartbeat"} [body] Record body
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Record.
                 * @memberof fairwatch.wire.v1
                 * @interface IRecord
                 * @augments fairwatch.wire.v1.Record.$Properties
                 * @deprecated Use fairwatch.wire.v1.Record.$Properties instead.
                 */

                /**
                 * Narrowed shape of a Record.
                 * @typedef {{
                 *   time_ms?: number|Long|null;
                 *   fix?: fairwatch.wire.v1.LocationFix.$Shape|null;
                 *   rf?: fairwatch.wire.v1.RfReading.$Shape|null;
                 *   tag?: fairwatch.wire.v1.TagStatus.$Shape|null;
                 *   unit?: fairwatch.wire.v1.HomeUnitStatus.$Shape|null;
                 *   alcohol?: fairwatch.wire.v1.AlcoholReading.$Shape|null;
                 *   heartbeat?: fairwatch.wire.v1.Heartbeat.$Shape|null;
                 *   $unknowns?: Array.<Uint8Array>;
                 * } & (
                 *   ({ body?: undefined; fix?: null; rf?: null; tag?: null; unit?: null; alcohol?: null; heartbeat?: null }|{ body?: "fix"; fix: fairwatch.wire.v1.LocationFix.$Shape; rf?: null; tag?: null; unit?: null; alcohol?: null; heartbeat?: null }|{ body?: "rf"; fix?: null; rf: fairwatch.wire.v1.RfReading.$Shape; tag?: null; unit?: null; alcohol?: null; heartbeat?: null }|{ body?: "tag"; fix?: null; rf?: null; tag: fairwatch.wire.v1.TagStatus.$Shape; unit?: null; alcohol?: null; heartbeat?: null }|{ body?: "unit"; fix?: null; rf?: null; tag?: null; unit: fairwatch.wire.v1.HomeUnitStatus.$Shape; alcohol?: null; heartbeat?: null }|{ body?: "alcohol"; fix?: null; rf?: null; tag?: null; unit?: null; alcohol: fairwatch.wire.v1.AlcoholReading.$Shape; heartbeat?: null }|{ body?: "heartbeat"; fix?: null; rf?: null; tag?: null; unit?: null; alcohol?: null; heartbeat: fairwatch.wire.v1.Heartbeat.$Shape })
                 * )} fairwatch.wire.v1.Record.$Shape
                 */

                /**
                 * Constructs a new Record.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents a Record.
                 * @constructor
                 * @param {fairwatch.wire.v1.Record.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Record = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Record time_ms.
                 * @member {number|Long} time_ms
                 * @memberof fairwatch.wire.v1.Record
                 * @instance
                 */
                Record.prototype.time_ms = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Record fix.
                 * @member {fairwatch.wire.v1.LocationFix.$Properties|null|undefined} fix
                 * @memberof fairwatch.wire.v1.Record
                 * @instance
                 */
                Record.prototype.fix = null;

                /**
                 * Record rf.
                 * @member {fairwatch.wire.v1.RfReading.$Properties|null|undefined} rf
                 * @memberof fairwatch.wire.v1.Record
                 * @instance
                 */
                Record.prototype.rf = null;

                /**
                 * Record tag.
                 * @member {fairwatch.wire.v1.TagStatus.$Properties|null|undefined} tag
                 * @memberof fairwatch.wire.v1.Record
                 * @instance
                 */
                Record.prototype.tag = null;

                /**
                 * Record unit.
                 * @member {fairwatch.wire.v1.HomeUnitStatus.$Properties|null|undefined} unit
                 * @memberof fairwatch.wire.v1.Record
                 * @instance
                 */
                Record.prototype.unit = null;

                /**
                 * Record alcohol.
                 * @member {fairwatch.wire.v1.AlcoholReading.$Properties|null|undefined} alcohol
                 * @memberof fairwatch.wire.v1.Record
                 * @instance
                 */
                Record.prototype.alcohol = null;

                /**
                 * Record heartbeat.
                 * @member {fairwatch.wire.v1.Heartbeat.$Properties|null|undefined} heartbeat
                 * @memberof fairwatch.wire.v1.Record
                 * @instance
                 */
                Record.prototype.heartbeat = null;

                // OneOf field names bound to virtual getters and setters
                let $oneOfFields;

                /**
                 * Record body.
                 * @member {"fix"|"rf"|"tag"|"unit"|"alcohol"|"heartbeat"|undefined} body
                 * @memberof fairwatch.wire.v1.Record
                 * @instance
                 */
                $Object.defineProperty(Record.prototype, "body", {
                    get: $util.oneOfGetter($oneOfFields = ["fix", "rf", "tag", "unit", "alcohol", "heartbeat"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                /**
                 * Encodes the specified Record message. Does not implicitly {@link fairwatch.wire.v1.Record.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.Record
                 * @static
                 * @param {fairwatch.wire.v1.Record.$Properties} message Record message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Record.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.time_ms != null && $Object.hasOwnProperty.call(message, "time_ms") && (typeof message.time_ms === "object" ? message.time_ms.low || message.time_ms.high : message.time_ms !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.time_ms);
                    if (message.fix != null && $Object.hasOwnProperty.call(message, "fix"))
                        $root.fairwatch.wire.v1.LocationFix.encode(message.fix, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.rf != null && $Object.hasOwnProperty.call(message, "rf"))
                        $root.fairwatch.wire.v1.RfReading.encode(message.rf, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.tag != null && $Object.hasOwnProperty.call(message, "tag"))
                        $root.fairwatch.wire.v1.TagStatus.encode(message.tag, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.unit != null && $Object.hasOwnProperty.call(message, "unit"))
                        $root.fairwatch.wire.v1.HomeUnitStatus.encode(message.unit, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                    if (message.alcohol != null && $Object.hasOwnProperty.call(message, "alcohol"))
                        $root.fairwatch.wire.v1.AlcoholReading.encode(message.alcohol, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.heartbeat != null && $Object.hasOwnProperty.call(message, "heartbeat"))
                        $root.fairwatch.wire.v1.Heartbeat.encode(message.heartbeat, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Record message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.Record
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Record & fairwatch.wire.v1.Record.$Shape} Record
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Record.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.Record();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.time_ms = value;
                                else
                                    delete message.time_ms;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                message.fix = $root.fairwatch.wire.v1.LocationFix.decode(reader, reader.size(), $undefined, _depth + 1, message.fix);
                                message.body = "fix";
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.rf = $root.fairwatch.wire.v1.RfReading.decode(reader, reader.size(), $undefined, _depth + 1, message.rf);
                                message.body = "rf";
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                message.tag = $root.fairwatch.wire.v1.TagStatus.decode(reader, reader.size(), $undefined, _depth + 1, message.tag);
                                message.body = "tag";
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                message.unit = $root.fairwatch.wire.v1.HomeUnitStatus.decode(reader, reader.size(), $undefined, _depth + 1, message.unit);
                                message.body = "unit";
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                message.alcohol = $root.fairwatch.wire.v1.AlcoholReading.decode(reader, reader.size(), $undefined, _depth + 1, message.alcohol);
                                message.body = "alcohol";
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                message.heartbeat = $root.fairwatch.wire.v1.Heartbeat.decode(reader, reader.size(), $undefined, _depth + 1, message.heartbeat);
                                message.body = "heartbeat";
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Record;
            })();

            v1.LocationFix = (function() {

                /**
                 * Properties of a LocationFix.
                 * @typedef {Object} fairwatch.wire.v1.LocationFix.$Properties
                 * @property {number|null} [lat_e7] LocationFix lat_e7
                 * @property {number|null} [lon_e7] LocationFix lon_e7
                 * @property {number|null} [accuracy_dm] LocationFix accuracy_dm
                 * @property {number|null} [speed_cm_s] LocationFix speed_cm_s
                 * @property {number|null} [heading_cdeg] LocationFix heading_cdeg
                 * @property {number|null} [satellites] LocationFix satellites
                 * @property {number|null} [hdop_centi] LocationFix hdop_centi
                 * @property {fairwatch.wire.v1.LocationFix.Mechanism|null} [mechanism] LocationFix mechanism
                 * @property {number|null} [altitude_dm] LocationFix altitude_dm
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a LocationFix.
                 * @memberof fairwatch.wire.v1
                 * @interface ILocationFix
                 * @augments fairwatch.wire.v1.LocationFix.$Properties
                 * @deprecated Use fairwatch.wire.v1.LocationFix.$Properties instead.
                 */

                /**
                 * Shape of a LocationFix.
                 * @typedef {fairwatch.wire.v1.LocationFix.$Properties} fairwatch.wire.v1.LocationFix.$Shape
                 */

                /**
                 * Constructs a new LocationFix.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents a LocationFix.
                 * @constructor
                 * @param {fairwatch.wire.v1.LocationFix.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const LocationFix = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * LocationFix lat_e7.
                 * @member {number|null|undefined} lat_e7
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @instance
                 */
                LocationFix.prototype.lat_e7 = null;

                /**
                 * LocationFix lon_e7.
                 * @member {number|null|undefined} lon_e7
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @instance
                 */
                LocationFix.prototype.lon_e7 = null;

                /**
                 * LocationFix accuracy_dm.
                 * @member {number} accuracy_dm
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @instance
                 */
                LocationFix.prototype.accuracy_dm = 0;

                /**
                 * LocationFix speed_cm_s.
                 * @member {number} speed_cm_s
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @instance
                 */
                LocationFix.prototype.speed_cm_s = 0;

                /**
                 * LocationFix heading_cdeg.
                 * @member {number} heading_cdeg
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @instance
                 */
                LocationFix.prototype.heading_cdeg = 0;

                /**
                 * LocationFix satellites.
                 * @member {number} satellites
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @instance
                 */
                LocationFix.prototype.satellites = 0;

                /**
                 * LocationFix hdop_centi.
                 * @member {number} hdop_centi
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @instance
                 */
                LocationFix.prototype.hdop_centi = 0;

                /**
                 * LocationFix mechanism.
                 * @member {fairwatch.wire.v1.LocationFix.Mechanism} mechanism
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @instance
                 */
                LocationFix.prototype.mechanism = 0;

                /**
                 * LocationFix altitude_dm.
                 * @member {number} altitude_dm
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @instance
                 */
                LocationFix.prototype.altitude_dm = 0;

                // OneOf field names bound to virtual getters and setters
                let $oneOfFields;

                // Virtual OneOf for proto3 optional field
                $Object.defineProperty(LocationFix.prototype, "_lat_e7", {
                    get: $util.oneOfGetter($oneOfFields = ["lat_e7"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                // Virtual OneOf for proto3 optional field
                $Object.defineProperty(LocationFix.prototype, "_lon_e7", {
                    get: $util.oneOfGetter($oneOfFields = ["lon_e7"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                /**
                 * Encodes the specified LocationFix message. Does not implicitly {@link fairwatch.wire.v1.LocationFix.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @static
                 * @param {fairwatch.wire.v1.LocationFix.$Properties} message LocationFix message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                LocationFix.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.lat_e7 != null && $Object.hasOwnProperty.call(message, "lat_e7"))
                        writer.uint32(/* id 1, wireType 0 =*/8).sint32(message.lat_e7);
                    if (message.lon_e7 != null && $Object.hasOwnProperty.call(message, "lon_e7"))
                        writer.uint32(/* id 2, wireType 0 =*/16).sint32(message.lon_e7);
                    if (message.accuracy_dm != null && $Object.hasOwnProperty.call(message, "accuracy_dm") && message.accuracy_dm !== 0)
                        writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.accuracy_dm);
                    if (message.speed_cm_s != null && $Object.hasOwnProperty.call(message, "speed_cm_s") && message.speed_cm_s !== 0)
                        writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.speed_cm_s);
                    if (message.heading_cdeg != null && $Object.hasOwnProperty.call(message, "heading_cdeg") && message.heading_cdeg !== 0)
                        writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.heading_cdeg);
                    if (message.satellites != null && $Object.hasOwnProperty.call(message, "satellites") && message.satellites !== 0)
                        writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.satellites);
                    if (message.hdop_centi != null && $Object.hasOwnProperty.call(message, "hdop_centi") && message.hdop_centi !== 0)
                        writer.uint32(/* id 7, wireType 0 =*/56).uint32(message.hdop_centi);
                    if (message.mechanism != null && $Object.hasOwnProperty.call(message, "mechanism") && message.mechanism !== 0)
                        writer.uint32(/* id 8, wireType 0 =*/64).int32(message.mechanism);
                    if (message.altitude_dm != null && $Object.hasOwnProperty.call(message, "altitude_dm") && message.altitude_dm !== 0)
                        writer.uint32(/* id 9, wireType 0 =*/72).sint32(message.altitude_dm);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a LocationFix message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.LocationFix
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.LocationFix & fairwatch.wire.v1.LocationFix.$Shape} LocationFix
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                LocationFix.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.LocationFix();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                message.lat_e7 = reader.sint32();
                                message._lat_e7 = "lat_e7";
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                message.lon_e7 = reader.sint32();
                                message._lon_e7 = "lon_e7";
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.accuracy_dm = value;
                                else
                                    delete message.accuracy_dm;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.speed_cm_s = value;
                                else
                                    delete message.speed_cm_s;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.heading_cdeg = value;
                                else
                                    delete message.heading_cdeg;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.satellites = value;
                                else
                                    delete message.satellites;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.hdop_centi = value;
                                else
                                    delete message.hdop_centi;
                                continue;
                            }
                        case 8: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.mechanism = value;
                                else
                                    delete message.mechanism;
                                continue;
                            }
                        case 9: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.sint32())
                                    message.altitude_dm = value;
                                else
                                    delete message.altitude_dm;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                /**
                 * Mechanism enum.
                 * @name fairwatch.wire.v1.LocationFix.Mechanism
                 * @enum {number}
                 * @property {number} UNSPECIFIED=0 UNSPECIFIED value
                 * @property {number} GNSS=1 GNSS value
                 * @property {number} RF=4 RF value
                 * @property {number} LBS=5 LBS value
                 * @property {number} WIFI=6 WIFI value
                 */
                LocationFix.Mechanism = (function() {
                    const valuesById = $Object.create(null), values = $Object.create(valuesById);
                    values[valuesById[0] = "UNSPECIFIED"] = 0;
                    values[valuesById[1] = "GNSS"] = 1;
                    values[valuesById[4] = "RF"] = 4;
                    values[valuesById[5] = "LBS"] = 5;
                    values[valuesById[6] = "WIFI"] = 6;
                    return values;
                })();

                return LocationFix;
            })();

            v1.RfReading = (function() {

                /**
                 * Properties of a RfReading.
                 * @typedef {Object} fairwatch.wire.v1.RfReading.$Properties
                 * @property {string|null} [tag_id] RfReading tag_id
                 * @property {fairwatch.wire.v1.RfReading.Kind|null} [kind] RfReading kind
                 * @property {number|null} [rssi_dbm] RfReading rssi_dbm
                 * @property {fairwatch.wire.v1.TagStatus.$Properties|null} [status] RfReading status
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a RfReading.
                 * @memberof fairwatch.wire.v1
                 * @interface IRfReading
                 * @augments fairwatch.wire.v1.RfReading.$Properties
                 * @deprecated Use fairwatch.wire.v1.RfReading.$Properties instead.
                 */

                /**
                 * Shape of a RfReading.
                 * @typedef {fairwatch.wire.v1.RfReading.$Properties} fairwatch.wire.v1.RfReading.$Shape
                 */

                /**
                 * Constructs a new RfReading.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents a RfReading.
                 * @constructor
                 * @param {fairwatch.wire.v1.RfReading.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const RfReading = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * RfReading tag_id.
                 * @member {string} tag_id
                 * @memberof fairwatch.wire.v1.RfReading
                 * @instance
                 */
                RfReading.prototype.tag_id = "";

                /**
                 * RfReading kind.
                 * @member {fairwatch.wire.v1.RfReading.Kind} kind
                 * @memberof fairwatch.wire.v1.RfReading
                 * @instance
                 */
                RfReading.prototype.kind = 0;

                /**
                 * RfReading rssi_dbm.
                 * @member {number} rssi_dbm
                 * @memberof fairwatch.wire.v1.RfReading
                 * @instance
                 */
                RfReading.prototype.rssi_dbm = 0;

                /**
                 * RfReading status.
                 * @member {fairwatch.wire.v1.TagStatus.$Properties|null|undefined} status
                 * @memberof fairwatch.wire.v1.RfReading
                 * @instance
                 */
                RfReading.prototype.status = null;

                /**
                 * Encodes the specified RfReading message. Does not implicitly {@link fairwatch.wire.v1.RfReading.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.RfReading
                 * @static
                 * @param {fairwatch.wire.v1.RfReading.$Properties} message RfReading message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                RfReading.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.tag_id != null && $Object.hasOwnProperty.call(message, "tag_id") && message.tag_id !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.tag_id);
                    if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== 0)
                        writer.uint32(/* id 2, wireType 0 =*/16).int32(message.kind);
                    if (message.rssi_dbm != null && $Object.hasOwnProperty.call(message, "rssi_dbm") && message.rssi_dbm !== 0)
                        writer.uint32(/* id 3, wireType 0 =*/24).sint32(message.rssi_dbm);
                    if (message.status != null && $Object.hasOwnProperty.call(message, "status"))
                        $root.fairwatch.wire.v1.TagStatus.encode(message.status, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a RfReading message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.RfReading
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.RfReading & fairwatch.wire.v1.RfReading.$Shape} RfReading
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                RfReading.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.RfReading();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.tag_id = value;
                                else
                                    delete message.tag_id;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.kind = value;
                                else
                                    delete message.kind;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.sint32())
                                    message.rssi_dbm = value;
                                else
                                    delete message.rssi_dbm;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                message.status = $root.fairwatch.wire.v1.TagStatus.decode(reader, reader.size(), $undefined, _depth + 1, message.status);
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                /**
                 * Kind enum.
                 * @name fairwatch.wire.v1.RfReading.Kind
                 * @enum {number}
                 * @property {number} UNSPECIFIED=0 UNSPECIFIED value
                 * @property {number} ENTER=1 ENTER value
                 * @property {number} EXIT=2 EXIT value
                 * @property {number} PRESENT=3 PRESENT value
                 */
                RfReading.Kind = (function() {
                    const valuesById = $Object.create(null), values = $Object.create(valuesById);
                    values[valuesById[0] = "UNSPECIFIED"] = 0;
                    values[valuesById[1] = "ENTER"] = 1;
                    values[valuesById[2] = "EXIT"] = 2;
                    values[valuesById[3] = "PRESENT"] = 3;
                    return values;
                })();

                return RfReading;
            })();

            v1.TagStatus = (function() {

                /**
                 * Properties of a TagStatus.
                 * @typedef {Object} fairwatch.wire.v1.TagStatus.$Properties
                 * @property {number|null} [battery_pct] TagStatus battery_pct
                 * @property {Array.<fairwatch.wire.v1.TagStatus.Flag>|null} [flags] TagStatus flags
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a TagStatus.
                 * @memberof fairwatch.wire.v1
                 * @interface ITagStatus
                 * @augments fairwatch.wire.v1.TagStatus.$Properties
                 * @deprecated Use fairwatch.wire.v1.TagStatus.$Properties instead.
                 */

                /**
                 * Shape of a TagStatus.
                 * @typedef {fairwatch.wire.v1.TagStatus.$Properties} fairwatch.wire.v1.TagStatus.$Shape
                 */

                /**
                 * Constructs a new TagStatus.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents a TagStatus.
                 * @constructor
                 * @param {fairwatch.wire.v1.TagStatus.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const TagStatus = function (properties) {
                    this.flags = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * TagStatus battery_pct.
                 * @member {number|null|undefined} battery_pct
                 * @memberof fairwatch.wire.v1.TagStatus
                 * @instance
                 */
                TagStatus.prototype.battery_pct = null;

                /**
                 * TagStatus flags.
                 * @member {Array.<fairwatch.wire.v1.TagStatus.Flag>} flags
                 * @memberof fairwatch.wire.v1.TagStatus
                 * @instance
                 */
                TagStatus.prototype.flags = $util.emptyArray;

                // OneOf field names bound to virtual getters and setters
                let $oneOfFields;

                // Virtual OneOf for proto3 optional field
                $Object.defineProperty(TagStatus.prototype, "_battery_pct", {
                    get: $util.oneOfGetter($oneOfFields = ["battery_pct"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                /**
                 * Encodes the specified TagStatus message. Does not implicitly {@link fairwatch.wire.v1.TagStatus.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.TagStatus
                 * @static
                 * @param {fairwatch.wire.v1.TagStatus.$Properties} message TagStatus message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                TagStatus.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.battery_pct != null && $Object.hasOwnProperty.call(message, "battery_pct"))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.battery_pct);
                    if (message.flags != null && message.flags.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).int32s(message.flags);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a TagStatus message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.TagStatus
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.TagStatus & fairwatch.wire.v1.TagStatus.$Shape} TagStatus
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                TagStatus.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.TagStatus();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                message.battery_pct = reader.uint32();
                                message._battery_pct = "battery_pct";
                                continue;
                            }
                        case 2: {
                                if (wireType === 2) {
                                    if (!(message.flags && message.flags.length))
                                        message.flags = [];
                                    reader.int32s(message.flags);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.flags && message.flags.length))
                                    message.flags = [];
                                message.flags.push(reader.int32());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                /**
                 * Flag enum.
                 * @name fairwatch.wire.v1.TagStatus.Flag
                 * @enum {number}
                 * @property {number} UNSPECIFIED=0 UNSPECIFIED value
                 * @property {number} STRAP_TAMPER_START=1 STRAP_TAMPER_START value
                 * @property {number} STRAP_TAMPER_END=2 STRAP_TAMPER_END value
                 * @property {number} CASE_OPEN_START=3 CASE_OPEN_START value
                 * @property {number} CASE_OPEN_END=4 CASE_OPEN_END value
                 * @property {number} CHARGING_START=5 CHARGING_START value
                 * @property {number} CHARGING_END=6 CHARGING_END value
                 * @property {number} SHIELDING_START=7 SHIELDING_START value
                 * @property {number} SHIELDING_END=8 SHIELDING_END value
                 * @property {number} JAMMING_START=9 JAMMING_START value
                 * @property {number} JAMMING_END=10 JAMMING_END value
                 * @property {number} MOTION_START=11 MOTION_START value
                 * @property {number} MOTION_END=12 MOTION_END value
                 * @property {number} SELF_TEST_FAULT=13 SELF_TEST_FAULT value
                 * @property {number} SELF_TEST_OK=14 SELF_TEST_OK value
                 */
                TagStatus.Flag = (function() {
                    const valuesById = $Object.create(null), values = $Object.create(valuesById);
                    values[valuesById[0] = "UNSPECIFIED"] = 0;
                    values[valuesById[1] = "STRAP_TAMPER_START"] = 1;
                    values[valuesById[2] = "STRAP_TAMPER_END"] = 2;
                    values[valuesById[3] = "CASE_OPEN_START"] = 3;
                    values[valuesById[4] = "CASE_OPEN_END"] = 4;
                    values[valuesById[5] = "CHARGING_START"] = 5;
                    values[valuesById[6] = "CHARGING_END"] = 6;
                    values[valuesById[7] = "SHIELDING_START"] = 7;
                    values[valuesById[8] = "SHIELDING_END"] = 8;
                    values[valuesById[9] = "JAMMING_START"] = 9;
                    values[valuesById[10] = "JAMMING_END"] = 10;
                    values[valuesById[11] = "MOTION_START"] = 11;
                    values[valuesById[12] = "MOTION_END"] = 12;
                    values[valuesById[13] = "SELF_TEST_FAULT"] = 13;
                    values[valuesById[14] = "SELF_TEST_OK"] = 14;
                    return values;
                })();

                return TagStatus;
            })();

            v1.HomeUnitStatus = (function() {

                /**
                 * Properties of a HomeUnitStatus.
                 * @typedef {Object} fairwatch.wire.v1.HomeUnitStatus.$Properties
                 * @property {Array.<fairwatch.wire.v1.HomeUnitStatus.Flag>|null} [flags] HomeUnitStatus flags
                 * @property {number|null} [battery_pct] HomeUnitStatus battery_pct
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a HomeUnitStatus.
                 * @memberof fairwatch.wire.v1
                 * @interface IHomeUnitStatus
                 * @augments fairwatch.wire.v1.HomeUnitStatus.$Properties
                 * @deprecated Use fairwatch.wire.v1.HomeUnitStatus.$Properties instead.
                 */

                /**
                 * Shape of a HomeUnitStatus.
                 * @typedef {fairwatch.wire.v1.HomeUnitStatus.$Properties} fairwatch.wire.v1.HomeUnitStatus.$Shape
                 */

                /**
                 * Constructs a new HomeUnitStatus.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents a HomeUnitStatus.
                 * @constructor
                 * @param {fairwatch.wire.v1.HomeUnitStatus.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const HomeUnitStatus = function (properties) {
                    this.flags = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * HomeUnitStatus flags.
                 * @member {Array.<fairwatch.wire.v1.HomeUnitStatus.Flag>} flags
                 * @memberof fairwatch.wire.v1.HomeUnitStatus
                 * @instance
                 */
                HomeUnitStatus.prototype.flags = $util.emptyArray;

                /**
                 * HomeUnitStatus battery_pct.
                 * @member {number|null|undefined} battery_pct
                 * @memberof fairwatch.wire.v1.HomeUnitStatus
                 * @instance
                 */
                HomeUnitStatus.prototype.battery_pct = null;

                // OneOf field names bound to virtual getters and setters
                let $oneOfFields;

                // Virtual OneOf for proto3 optional field
                $Object.defineProperty(HomeUnitStatus.prototype, "_battery_pct", {
                    get: $util.oneOfGetter($oneOfFields = ["battery_pct"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                /**
                 * Encodes the specified HomeUnitStatus message. Does not implicitly {@link fairwatch.wire.v1.HomeUnitStatus.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.HomeUnitStatus
                 * @static
                 * @param {fairwatch.wire.v1.HomeUnitStatus.$Properties} message HomeUnitStatus message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                HomeUnitStatus.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.flags != null && message.flags.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).int32s(message.flags);
                    if (message.battery_pct != null && $Object.hasOwnProperty.call(message, "battery_pct"))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.battery_pct);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a HomeUnitStatus message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.HomeUnitStatus
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.HomeUnitStatus & fairwatch.wire.v1.HomeUnitStatus.$Shape} HomeUnitStatus
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                HomeUnitStatus.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.HomeUnitStatus();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType === 2) {
                                    if (!(message.flags && message.flags.length))
                                        message.flags = [];
                                    reader.int32s(message.flags);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.flags && message.flags.length))
                                    message.flags = [];
                                message.flags.push(reader.int32());
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                message.battery_pct = reader.uint32();
                                message._battery_pct = "battery_pct";
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                /**
                 * Flag enum.
                 * @name fairwatch.wire.v1.HomeUnitStatus.Flag
                 * @enum {number}
                 * @property {number} UNSPECIFIED=0 UNSPECIFIED value
                 * @property {number} MAINS_LOST=1 MAINS_LOST value
                 * @property {number} MAINS_RESTORED=2 MAINS_RESTORED value
                 * @property {number} MOVED=3 MOVED value
                 * @property {number} RESET=4 RESET value
                 * @property {number} CASE_OPEN_START=5 CASE_OPEN_START value
                 * @property {number} CASE_OPEN_END=6 CASE_OPEN_END value
                 * @property {number} SELF_TEST_FAULT=7 SELF_TEST_FAULT value
                 * @property {number} SELF_TEST_OK=8 SELF_TEST_OK value
                 */
                HomeUnitStatus.Flag = (function() {
                    const valuesById = $Object.create(null), values = $Object.create(valuesById);
                    values[valuesById[0] = "UNSPECIFIED"] = 0;
                    values[valuesById[1] = "MAINS_LOST"] = 1;
                    values[valuesById[2] = "MAINS_RESTORED"] = 2;
                    values[valuesById[3] = "MOVED"] = 3;
                    values[valuesById[4] = "RESET"] = 4;
                    values[valuesById[5] = "CASE_OPEN_START"] = 5;
                    values[valuesById[6] = "CASE_OPEN_END"] = 6;
                    values[valuesById[7] = "SELF_TEST_FAULT"] = 7;
                    values[valuesById[8] = "SELF_TEST_OK"] = 8;
                    return values;
                })();

                return HomeUnitStatus;
            })();

            v1.AlcoholReading = (function() {

                /**
                 * Properties of an AlcoholReading.
                 * @typedef {Object} fairwatch.wire.v1.AlcoholReading.$Properties
                 * @property {number|null} [tac_ug_l] AlcoholReading tac_ug_l
                 * @property {Array.<fairwatch.wire.v1.AlcoholReading.Flag>|null} [flags] AlcoholReading flags
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an AlcoholReading.
                 * @memberof fairwatch.wire.v1
                 * @interface IAlcoholReading
                 * @augments fairwatch.wire.v1.AlcoholReading.$Properties
                 * @deprecated Use fairwatch.wire.v1.AlcoholReading.$Properties instead.
                 */

                /**
                 * Shape of an AlcoholReading.
                 * @typedef {fairwatch.wire.v1.AlcoholReading.$Properties} fairwatch.wire.v1.AlcoholReading.$Shape
                 */

                /**
                 * Constructs a new AlcoholReading.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents an AlcoholReading.
                 * @constructor
                 * @param {fairwatch.wire.v1.AlcoholReading.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const AlcoholReading = function (properties) {
                    this.flags = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * AlcoholReading tac_ug_l.
                 * @member {number} tac_ug_l
                 * @memberof fairwatch.wire.v1.AlcoholReading
                 * @instance
                 */
                AlcoholReading.prototype.tac_ug_l = 0;

                /**
                 * AlcoholReading flags.
                 * @member {Array.<fairwatch.wire.v1.AlcoholReading.Flag>} flags
                 * @memberof fairwatch.wire.v1.AlcoholReading
                 * @instance
                 */
                AlcoholReading.prototype.flags = $util.emptyArray;

                /**
                 * Encodes the specified AlcoholReading message. Does not implicitly {@link fairwatch.wire.v1.AlcoholReading.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.AlcoholReading
                 * @static
                 * @param {fairwatch.wire.v1.AlcoholReading.$Properties} message AlcoholReading message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                AlcoholReading.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.tac_ug_l != null && $Object.hasOwnProperty.call(message, "tac_ug_l") && message.tac_ug_l !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.tac_ug_l);
                    if (message.flags != null && message.flags.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).int32s(message.flags);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an AlcoholReading message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.AlcoholReading
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.AlcoholReading & fairwatch.wire.v1.AlcoholReading.$Shape} AlcoholReading
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                AlcoholReading.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.AlcoholReading();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.tac_ug_l = value;
                                else
                                    delete message.tac_ug_l;
                                continue;
                            }
                        case 2: {
                                if (wireType === 2) {
                                    if (!(message.flags && message.flags.length))
                                        message.flags = [];
                                    reader.int32s(message.flags);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.flags && message.flags.length))
                                    message.flags = [];
                                message.flags.push(reader.int32());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                /**
                 * Flag enum.
                 * @name fairwatch.wire.v1.AlcoholReading.Flag
                 * @enum {number}
                 * @property {number} UNSPECIFIED=0 UNSPECIFIED value
                 * @property {number} OBSTRUCTED=1 OBSTRUCTED value
                 * @property {number} REMOVED=2 REMOVED value
                 * @property {number} CALIBRATION_DUE=3 CALIBRATION_DUE value
                 */
                AlcoholReading.Flag = (function() {
                    const valuesById = $Object.create(null), values = $Object.create(valuesById);
                    values[valuesById[0] = "UNSPECIFIED"] = 0;
                    values[valuesById[1] = "OBSTRUCTED"] = 1;
                    values[valuesById[2] = "REMOVED"] = 2;
                    values[valuesById[3] = "CALIBRATION_DUE"] = 3;
                    return values;
                })();

                return AlcoholReading;
            })();

            v1.Heartbeat = (function() {

                /**
                 * Properties of a Heartbeat.
                 * @typedef {Object} fairwatch.wire.v1.Heartbeat.$Properties
                 * @property {string|null} [firmware] Heartbeat firmware
                 * @property {number|null} [uptime_s] Heartbeat uptime_s
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Heartbeat.
                 * @memberof fairwatch.wire.v1
                 * @interface IHeartbeat
                 * @augments fairwatch.wire.v1.Heartbeat.$Properties
                 * @deprecated Use fairwatch.wire.v1.Heartbeat.$Properties instead.
                 */

                /**
                 * Shape of a Heartbeat.
                 * @typedef {fairwatch.wire.v1.Heartbeat.$Properties} fairwatch.wire.v1.Heartbeat.$Shape
                 */

                /**
                 * Constructs a new Heartbeat.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents a Heartbeat.
                 * @constructor
                 * @param {fairwatch.wire.v1.Heartbeat.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Heartbeat = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Heartbeat firmware.
                 * @member {string} firmware
                 * @memberof fairwatch.wire.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.firmware = "";

                /**
                 * Heartbeat uptime_s.
                 * @member {number} uptime_s
                 * @memberof fairwatch.wire.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.uptime_s = 0;

                /**
                 * Encodes the specified Heartbeat message. Does not implicitly {@link fairwatch.wire.v1.Heartbeat.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.Heartbeat
                 * @static
                 * @param {fairwatch.wire.v1.Heartbeat.$Properties} message Heartbeat message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Heartbeat.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.firmware != null && $Object.hasOwnProperty.call(message, "firmware") && message.firmware !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.firmware);
                    if (message.uptime_s != null && $Object.hasOwnProperty.call(message, "uptime_s") && message.uptime_s !== 0)
                        writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.uptime_s);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Heartbeat message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.Heartbeat
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Heartbeat & fairwatch.wire.v1.Heartbeat.$Shape} Heartbeat
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Heartbeat.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.Heartbeat();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.firmware = value;
                                else
                                    delete message.firmware;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.uptime_s = value;
                                else
                                    delete message.uptime_s;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Heartbeat;
            })();

            v1.Downlink = (function() {

                /**
                 * Properties of a Downlink.
                 * @typedef {Object} fairwatch.wire.v1.Downlink.$Properties
                 * @property {number|Long|null} [sequence] Downlink sequence
                 * @property {Array.<fairwatch.wire.v1.Range.$Properties>|null} [ack] Downlink ack
                 * @property {string|null} [key] Downlink key
                 * @property {fairwatch.wire.v1.Config.$Properties|null} [config] Downlink config
                 * @property {fairwatch.wire.v1.Downlink.Notice|null} [notice] Downlink notice
                 * @property {fairwatch.wire.v1.Range.$Properties|null} [resend] Downlink resend
                 * @property {number|Long|null} [next_sequence] Downlink next_sequence
                 * @property {number|Long|null} [server_time_ms] Downlink server_time_ms
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Downlink.
                 * @memberof fairwatch.wire.v1
                 * @interface IDownlink
                 * @augments fairwatch.wire.v1.Downlink.$Properties
                 * @deprecated Use fairwatch.wire.v1.Downlink.$Properties instead.
                 */

                /**
                 * Shape of a Downlink.
                 * @typedef {fairwatch.wire.v1.Downlink.$Properties} fairwatch.wire.v1.Downlink.$Shape
                 */

                /**
                 * Constructs a new Downlink.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents a Downlink.
                 * @constructor
                 * @param {fairwatch.wire.v1.Downlink.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Downlink = function (properties) {
                    this.ack = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Downlink sequence.
                 * @member {number|Long} sequence
                 * @memberof fairwatch.wire.v1.Downlink
                 * @instance
                 */
                Downlink.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Downlink ack.
                 * @member {Array.<fairwatch.wire.v1.Range.$Properties>} ack
                 * @memberof fairwatch.wire.v1.Downlink
                 * @instance
                 */
                Downlink.prototype.ack = $util.emptyArray;

                /**
                 * Downlink key.
                 * @member {string} key
                 * @memberof fairwatch.wire.v1.Downlink
                 * @instance
                 */
                Downlink.prototype.key = "";

                /**
                 * Downlink config.
                 * @member {fairwatch.wire.v1.Config.$Properties|null|undefined} config
                 * @memberof fairwatch.wire.v1.Downlink
                 * @instance
                 */
                Downlink.prototype.config = null;

                /**
                 * Downlink notice.
                 * @member {fairwatch.wire.v1.Downlink.Notice} notice
                 * @memberof fairwatch.wire.v1.Downlink
                 * @instance
                 */
                Downlink.prototype.notice = 0;

                /**
                 * Downlink resend.
                 * @member {fairwatch.wire.v1.Range.$Properties|null|undefined} resend
                 * @memberof fairwatch.wire.v1.Downlink
                 * @instance
                 */
                Downlink.prototype.resend = null;

                /**
                 * Downlink next_sequence.
                 * @member {number|Long} next_sequence
                 * @memberof fairwatch.wire.v1.Downlink
                 * @instance
                 */
                Downlink.prototype.next_sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Downlink server_time_ms.
                 * @member {number|Long} server_time_ms
                 * @memberof fairwatch.wire.v1.Downlink
                 * @instance
                 */
                Downlink.prototype.server_time_ms = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Encodes the specified Downlink message. Does not implicitly {@link fairwatch.wire.v1.Downlink.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.Downlink
                 * @static
                 * @param {fairwatch.wire.v1.Downlink.$Properties} message Downlink message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Downlink.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                        writer.uint32(/* id 1, wireType 1 =*/9).fixed64(message.sequence);
                    if (message.ack != null && message.ack.length)
                        for (let i = 0; i < message.ack.length; ++i)
                            $root.fairwatch.wire.v1.Range.encode(message.ack[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.key != null && $Object.hasOwnProperty.call(message, "key") && message.key !== "")
                        writer.uint32(/* id 3, wireType 2 =*/26).string(message.key);
                    if (message.config != null && $Object.hasOwnProperty.call(message, "config"))
                        $root.fairwatch.wire.v1.Config.encode(message.config, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.notice != null && $Object.hasOwnProperty.call(message, "notice") && message.notice !== 0)
                        writer.uint32(/* id 5, wireType 0 =*/40).int32(message.notice);
                    if (message.resend != null && $Object.hasOwnProperty.call(message, "resend"))
                        $root.fairwatch.wire.v1.Range.encode(message.resend, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.next_sequence != null && $Object.hasOwnProperty.call(message, "next_sequence") && (typeof message.next_sequence === "object" ? message.next_sequence.low || message.next_sequence.high : message.next_sequence !== 0))
                        writer.uint32(/* id 7, wireType 1 =*/57).fixed64(message.next_sequence);
                    if (message.server_time_ms != null && $Object.hasOwnProperty.call(message, "server_time_ms") && (typeof message.server_time_ms === "object" ? message.server_time_ms.low || message.server_time_ms.high : message.server_time_ms !== 0))
                        writer.uint32(/* id 8, wireType 0 =*/64).uint64(message.server_time_ms);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Downlink message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.Downlink
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Downlink & fairwatch.wire.v1.Downlink.$Shape} Downlink
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Downlink.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.Downlink();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 1)
                                    break;
                                if (typeof (value = reader.fixed64()) === "object" ? value.low || value.high : value !== 0)
                                    message.sequence = value;
                                else
                                    delete message.sequence;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.ack && message.ack.length))
                                    message.ack = [];
                                message.ack.push($root.fairwatch.wire.v1.Range.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.key = value;
                                else
                                    delete message.key;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                message.config = $root.fairwatch.wire.v1.Config.decode(reader, reader.size(), $undefined, _depth + 1, message.config);
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.notice = value;
                                else
                                    delete message.notice;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                message.resend = $root.fairwatch.wire.v1.Range.decode(reader, reader.size(), $undefined, _depth + 1, message.resend);
                                continue;
                            }
                        case 7: {
                                if (wireType !== 1)
                                    break;
                                if (typeof (value = reader.fixed64()) === "object" ? value.low || value.high : value !== 0)
                                    message.next_sequence = value;
                                else
                                    delete message.next_sequence;
                                continue;
                            }
                        case 8: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.server_time_ms = value;
                                else
                                    delete message.server_time_ms;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                /**
                 * Notice enum.
                 * @name fairwatch.wire.v1.Downlink.Notice
                 * @enum {number}
                 * @property {number} UNSPECIFIED=0 UNSPECIFIED value
                 * @property {number} CHARGE_BATTERY=1 CHARGE_BATTERY value
                 * @property {number} CONTACT_CENTRE=2 CONTACT_CENTRE value
                 * @property {number} RETURN_HOME=3 RETURN_HOME value
                 * @property {number} LEAVE_ZONE=4 LEAVE_ZONE value
                 */
                Downlink.Notice = (function() {
                    const valuesById = $Object.create(null), values = $Object.create(valuesById);
                    values[valuesById[0] = "UNSPECIFIED"] = 0;
                    values[valuesById[1] = "CHARGE_BATTERY"] = 1;
                    values[valuesById[2] = "CONTACT_CENTRE"] = 2;
                    values[valuesById[3] = "RETURN_HOME"] = 3;
                    values[valuesById[4] = "LEAVE_ZONE"] = 4;
                    return values;
                })();

                return Downlink;
            })();

            v1.Range = (function() {

                /**
                 * Properties of a Range.
                 * @typedef {Object} fairwatch.wire.v1.Range.$Properties
                 * @property {number|Long|null} [first] Range first
                 * @property {number|Long|null} [last] Range last
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Range.
                 * @memberof fairwatch.wire.v1
                 * @interface IRange
                 * @augments fairwatch.wire.v1.Range.$Properties
                 * @deprecated Use fairwatch.wire.v1.Range.$Properties instead.
                 */

                /**
                 * Shape of a Range.
                 * @typedef {fairwatch.wire.v1.Range.$Properties} fairwatch.wire.v1.Range.$Shape
                 */

                /**
                 * Constructs a new Range.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents a Range.
                 * @constructor
                 * @param {fairwatch.wire.v1.Range.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Range = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Range first.
                 * @member {number|Long} first
                 * @memberof fairwatch.wire.v1.Range
                 * @instance
                 */
                Range.prototype.first = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Range last.
                 * @member {number|Long} last
                 * @memberof fairwatch.wire.v1.Range
                 * @instance
                 */
                Range.prototype.last = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Encodes the specified Range message. Does not implicitly {@link fairwatch.wire.v1.Range.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.Range
                 * @static
                 * @param {fairwatch.wire.v1.Range.$Properties} message Range message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Range.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.first != null && $Object.hasOwnProperty.call(message, "first") && (typeof message.first === "object" ? message.first.low || message.first.high : message.first !== 0))
                        writer.uint32(/* id 1, wireType 1 =*/9).fixed64(message.first);
                    if (message.last != null && $Object.hasOwnProperty.call(message, "last") && (typeof message.last === "object" ? message.last.low || message.last.high : message.last !== 0))
                        writer.uint32(/* id 2, wireType 1 =*/17).fixed64(message.last);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Range message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.Range
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Range & fairwatch.wire.v1.Range.$Shape} Range
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Range.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.Range();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 1)
                                    break;
                                if (typeof (value = reader.fixed64()) === "object" ? value.low || value.high : value !== 0)
                                    message.first = value;
                                else
                                    delete message.first;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 1)
                                    break;
                                if (typeof (value = reader.fixed64()) === "object" ? value.low || value.high : value !== 0)
                                    message.last = value;
                                else
                                    delete message.last;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Range;
            })();

            v1.Config = (function() {

                /**
                 * Properties of a Config.
                 * @typedef {Object} fairwatch.wire.v1.Config.$Properties
                 * @property {number|null} [report_interval_s] Config report_interval_s
                 * @property {number|null} [violation_interval_s] Config violation_interval_s
                 * @property {number|null} [heartbeat_s] Config heartbeat_s
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Config.
                 * @memberof fairwatch.wire.v1
                 * @interface IConfig
                 * @augments fairwatch.wire.v1.Config.$Properties
                 * @deprecated Use fairwatch.wire.v1.Config.$Properties instead.
                 */

                /**
                 * Shape of a Config.
                 * @typedef {fairwatch.wire.v1.Config.$Properties} fairwatch.wire.v1.Config.$Shape
                 */

                /**
                 * Constructs a new Config.
                 * @memberof fairwatch.wire.v1
                 * @classdesc Represents a Config.
                 * @constructor
                 * @param {fairwatch.wire.v1.Config.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Config = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Config report_interval_s.
                 * @member {number} report_interval_s
                 * @memberof fairwatch.wire.v1.Config
                 * @instance
                 */
                Config.prototype.report_interval_s = 0;

                /**
                 * Config violation_interval_s.
                 * @member {number} violation_interval_s
                 * @memberof fairwatch.wire.v1.Config
                 * @instance
                 */
                Config.prototype.violation_interval_s = 0;

                /**
                 * Config heartbeat_s.
                 * @member {number} heartbeat_s
                 * @memberof fairwatch.wire.v1.Config
                 * @instance
                 */
                Config.prototype.heartbeat_s = 0;

                /**
                 * Encodes the specified Config message. Does not implicitly {@link fairwatch.wire.v1.Config.verify|verify} messages.
                 * @function encode
                 * @memberof fairwatch.wire.v1.Config
                 * @static
                 * @param {fairwatch.wire.v1.Config.$Properties} message Config message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Config.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.report_interval_s != null && $Object.hasOwnProperty.call(message, "report_interval_s") && message.report_interval_s !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.report_interval_s);
                    if (message.violation_interval_s != null && $Object.hasOwnProperty.call(message, "violation_interval_s") && message.violation_interval_s !== 0)
                        writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.violation_interval_s);
                    if (message.heartbeat_s != null && $Object.hasOwnProperty.call(message, "heartbeat_s") && message.heartbeat_s !== 0)
                        writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.heartbeat_s);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Config message from the specified reader or buffer.
                 * @function decode
                 * @memberof fairwatch.wire.v1.Config
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Config & fairwatch.wire.v1.Config.$Shape} Config
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Config.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.fairwatch.wire.v1.Config();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.report_interval_s = value;
                                else
                                    delete message.report_interval_s;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.violation_interval_s = value;
                                else
                                    delete message.violation_interval_s;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.heartbeat_s = value;
                                else
                                    delete message.heartbeat_s;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Config;
            })();

            return v1;
        })();

        return wire;
    })();

    return fairwatch;
})();

export {
  $root as default
};
