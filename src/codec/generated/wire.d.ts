import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace fairwatch. */
export namespace fairwatch {

    /** Namespace wire. */
    namespace wire {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of an Envelope.
             * @deprecated Use fairwatch.wire.v1.Envelope.$Properties instead.
             */
            interface IEnvelope extends fairwatch.wire.v1.Envelope.$Properties {
            }

            /** Represents an Envelope. */
            class Envelope {

                /**
                 * Constructs a new Envelope.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.Envelope.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Envelope key_id. */
                key_id: number;

                /** Envelope sequence. */
                sequence: (number|Long);

                /** Envelope ciphertext. */
                ciphertext: Uint8Array;

                /**
                 * Encodes the specified Envelope message. Does not implicitly {@link fairwatch.wire.v1.Envelope.verify|verify} messages.
                 * @param message Envelope message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.Envelope.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Envelope message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Envelope & fairwatch.wire.v1.Envelope.$Shape} Envelope
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.Envelope & fairwatch.wire.v1.Envelope.$Shape;
            }

            namespace Envelope {

                /** Properties of an Envelope. */
                interface $Properties {

                    /** Envelope key_id */
                    key_id?: (number|null);

                    /** Envelope sequence */
                    sequence?: (number|Long|null);

                    /** Envelope ciphertext */
                    ciphertext?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Envelope. */
                type $Shape = fairwatch.wire.v1.Envelope.$Properties;
            }

            /**
             * Properties of an Upload.
             * @deprecated Use fairwatch.wire.v1.Upload.$Properties instead.
             */
            interface IUpload extends fairwatch.wire.v1.Upload.$Properties {
            }

            /** Represents an Upload. */
            class Upload {

                /**
                 * Constructs a new Upload.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.Upload.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Upload sequence. */
                sequence: (number|Long);

                /** Upload records. */
                records: fairwatch.wire.v1.Record.$Properties[];

                /** Upload oldest_held. */
                oldest_held: (number|Long);

                /** Upload attestation. */
                attestation: Uint8Array;

                /**
                 * Encodes the specified Upload message. Does not implicitly {@link fairwatch.wire.v1.Upload.verify|verify} messages.
                 * @param message Upload message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.Upload.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Upload message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Upload & fairwatch.wire.v1.Upload.$Shape} Upload
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.Upload & fairwatch.wire.v1.Upload.$Shape;
            }

            namespace Upload {

                /** Properties of an Upload. */
                interface $Properties {

                    /** Upload sequence */
                    sequence?: (number|Long|null);

                    /** Upload records */
                    records?: (fairwatch.wire.v1.Record.$Properties[]|null);

                    /** Upload oldest_held */
                    oldest_held?: (number|Long|null);

                    /** Upload attestation */
                    attestation?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Upload. */
                type $Shape = {
                  sequence?: number|Long|null;
                  records?: fairwatch.wire.v1.Record.$Shape[]|null;
                  oldest_held?: number|Long|null;
                  attestation?: Uint8Array|null;
                  $unknowns?: Uint8Array[];
                };
            }

            /**
             * Properties of a Record.
             * @deprecated Use fairwatch.wire.v1.Record.$Properties instead.
             */
            interface IRecord extends fairwatch.wire.v1.Record.$Properties {
            }

            /** Represents a Record. */
            class Record {

                /**
                 * Constructs a new Record.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.Record.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Record time_ms. */
                time_ms: (number|Long);

                /** Record fix. */
                fix?: (fairwatch.wire.v1.LocationFix.$Properties|null);

                /** Record rf. */
                rf?: (fairwatch.wire.v1.RfReading.$Properties|null);

                /** Record tag. */
                tag?: (fairwatch.wire.v1.TagStatus.$Properties|null);

                /** Record unit. */
                unit?: (fairwatch.wire.v1.HomeUnitStatus.$Properties|null);

                /** Record alcohol. */
                alcohol?: (fairwatch.wire.v1.AlcoholReading.$Properties|null);

                /** Record heartbeat. */
                heartbeat?: (fairwatch.wire.v1.Heartbeat.$Properties|null);

                /** Record body. */
                body?: ("fix"|"rf"|"tag"|"unit"|"alcohol"|"heartbeat");

                /**
                 * Encodes the specified Record message. Does not implicitly {@link fairwatch.wire.v1.Record.verify|verify} messages.
                 * @param message Record message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.Record.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Record message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Record & fairwatch.wire.v1.Record.$Shape} Record
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.Record & fairwatch.wire.v1.Record.$Shape;
            }

            namespace Record {

                /** Properties of a Record. */
                interface $Properties {

                    /** Record time_ms */
                    time_ms?: (number|Long|null);

                    /** Record fix */
                    fix?: (fairwatch.wire.v1.LocationFix.$Properties|null);

                    /** Record rf */
                    rf?: (fairwatch.wire.v1.RfReading.$Properties|null);

                    /** Record tag */
                    tag?: (fairwatch.wire.v1.TagStatus.$Properties|null);

                    /** Record unit */
                    unit?: (fairwatch.wire.v1.HomeUnitStatus.$Properties|null);

                    /** Record alcohol */
                    alcohol?: (fairwatch.wire.v1.AlcoholReading.$Properties|null);

                    /** Record heartbeat */
                    heartbeat?: (fairwatch.wire.v1.Heartbeat.$Properties|null);

                    /** Record body */
                    body?: ("fix"|"rf"|"tag"|"unit"|"alcohol"|"heartbeat");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a Record. */
                type $Shape = {
                  time_ms?: number|Long|null;
                  fix?: fairwatch.wire.v1.LocationFix.$Shape|null;
                  rf?: fairwatch.wire.v1.RfReading.$Shape|null;
                  tag?: fairwatch.wire.v1.TagStatus.$Shape|null;
                  unit?: fairwatch.wire.v1.HomeUnitStatus.$Shape|null;
                  alcohol?: fairwatch.wire.v1.AlcoholReading.$Shape|null;
                  heartbeat?: fairwatch.wire.v1.Heartbeat.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ body?: undefined; fix?: null; rf?: null; tag?: null; unit?: null; alcohol?: null; heartbeat?: null }|{ body?: "fix"; fix: fairwatch.wire.v1.LocationFix.$Shape; rf?: null; tag?: null; unit?: null; alcohol?: null; heartbeat?: null }|{ body?: "rf"; fix?: null; rf: fairwatch.wire.v1.RfReading.$Shape; tag?: null; unit?: null; alcohol?: null; heartbeat?: null }|{ body?: "tag"; fix?: null; rf?: null; tag: fairwatch.wire.v1.TagStatus.$Shape; unit?: null; alcohol?: null; heartbeat?: null }|{ body?: "unit"; fix?: null; rf?: null; tag?: null; unit: fairwatch.wire.v1.HomeUnitStatus.$Shape; alcohol?: null; heartbeat?: null }|{ body?: "alcohol"; fix?: null; rf?: null; tag?: null; unit?: null; alcohol: fairwatch.wire.v1.AlcoholReading.$Shape; heartbeat?: null }|{ body?: "heartbeat"; fix?: null; rf?: null; tag?: null; unit?: null; alcohol?: null; heartbeat: fairwatch.wire.v1.Heartbeat.$Shape })
                );
            }

            /**
             * Properties of a LocationFix.
             * @deprecated Use fairwatch.wire.v1.LocationFix.$Properties instead.
             */
            interface ILocationFix extends fairwatch.wire.v1.LocationFix.$Properties {
            }

            /** Represents a LocationFix. */
            class LocationFix {

                /**
                 * Constructs a new LocationFix.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.LocationFix.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** LocationFix lat_e7. */
                lat_e7?: (number|null);

                /** LocationFix lon_e7. */
                lon_e7?: (number|null);

                /** LocationFix accuracy_dm. */
                accuracy_dm: number;

                /** LocationFix speed_cm_s. */
                speed_cm_s: number;

                /** LocationFix heading_cdeg. */
                heading_cdeg: number;

                /** LocationFix satellites. */
                satellites: number;

                /** LocationFix hdop_centi. */
                hdop_centi: number;

                /** LocationFix mechanism. */
                mechanism: fairwatch.wire.v1.LocationFix.Mechanism;

                /** LocationFix altitude_dm. */
                altitude_dm: number;

                /**
                 * Encodes the specified LocationFix message. Does not implicitly {@link fairwatch.wire.v1.LocationFix.verify|verify} messages.
                 * @param message LocationFix message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.LocationFix.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a LocationFix message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.LocationFix & fairwatch.wire.v1.LocationFix.$Shape} LocationFix
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.LocationFix & fairwatch.wire.v1.LocationFix.$Shape;
            }

            namespace LocationFix {

                /** Properties of a LocationFix. */
                interface $Properties {

                    /** LocationFix lat_e7 */
                    lat_e7?: (number|null);

                    /** LocationFix lon_e7 */
                    lon_e7?: (number|null);

                    /** LocationFix accuracy_dm */
                    accuracy_dm?: (number|null);

                    /** LocationFix speed_cm_s */
                    speed_cm_s?: (number|null);

                    /** LocationFix heading_cdeg */
                    heading_cdeg?: (number|null);

                    /** LocationFix satellites */
                    satellites?: (number|null);

                    /** LocationFix hdop_centi */
                    hdop_centi?: (number|null);

                    /** LocationFix mechanism */
                    mechanism?: (fairwatch.wire.v1.LocationFix.Mechanism|null);

                    /** LocationFix altitude_dm */
                    altitude_dm?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a LocationFix. */
                type $Shape = fairwatch.wire.v1.LocationFix.$Properties;

                /** Mechanism enum. */
                enum Mechanism {

                    /** UNSPECIFIED value */
                    UNSPECIFIED = 0,

                    /** GNSS value */
                    GNSS = 1,

                    /** RF value */
                    RF = 4,

                    /** LBS value */
                    LBS = 5,

                    /** WIFI value */
                    WIFI = 6
                }
            }

            /**
             * Properties of a RfReading.
             * @deprecated Use fairwatch.wire.v1.RfReading.$Properties instead.
             */
            interface IRfReading extends fairwatch.wire.v1.RfReading.$Properties {
            }

            /** Represents a RfReading. */
            class RfReading {

                /**
                 * Constructs a new RfReading.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.RfReading.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** RfReading tag_id. */
                tag_id: string;

                /** RfReading kind. */
                kind: fairwatch.wire.v1.RfReading.Kind;

                /** RfReading rssi_dbm. */
                rssi_dbm: number;

                /** RfReading status. */
                status?: (fairwatch.wire.v1.TagStatus.$Properties|null);

                /**
                 * Encodes the specified RfReading message. Does not implicitly {@link fairwatch.wire.v1.RfReading.verify|verify} messages.
                 * @param message RfReading message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.RfReading.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RfReading message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.RfReading & fairwatch.wire.v1.RfReading.$Shape} RfReading
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.RfReading & fairwatch.wire.v1.RfReading.$Shape;
            }

            namespace RfReading {

                /** Properties of a RfReading. */
                interface $Properties {

                    /** RfReading tag_id */
                    tag_id?: (string|null);

                    /** RfReading kind */
                    kind?: (fairwatch.wire.v1.RfReading.Kind|null);

                    /** RfReading rssi_dbm */
                    rssi_dbm?: (number|null);

                    /** RfReading status */
                    status?: (fairwatch.wire.v1.TagStatus.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RfReading. */
                type $Shape = fairwatch.wire.v1.RfReading.$Properties;

                /** Kind enum. */
                enum Kind {

                    /** UNSPECIFIED value */
                    UNSPECIFIED = 0,

                    /** ENTER value */
                    ENTER = 1,

                    /** EXIT value */
                    EXIT = 2,

                    /** PRESENT value */
                    PRESENT = 3
                }
            }

            /**
             * Properties of a TagStatus.
             * @deprecated Use fairwatch.wire.v1.TagStatus.$Properties instead.
             */
            interface ITagStatus extends fairwatch.wire.v1.TagStatus.$Properties {
            }

            /** Represents a TagStatus. */
            class TagStatus {

                /**
                 * Constructs a new TagStatus.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.TagStatus.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** TagStatus battery_pct. */
                battery_pct?: (number|null);

                /** TagStatus flags. */
                flags: fairwatch.wire.v1.TagStatus.Flag[];

                /**
                 * Encodes the specified TagStatus message. Does not implicitly {@link fairwatch.wire.v1.TagStatus.verify|verify} messages.
                 * @param message TagStatus message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.TagStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a TagStatus message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.TagStatus & fairwatch.wire.v1.TagStatus.$Shape} TagStatus
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.TagStatus & fairwatch.wire.v1.TagStatus.$Shape;
            }

            namespace TagStatus {

                /** Properties of a TagStatus. */
                interface $Properties {

                    /** TagStatus battery_pct */
                    battery_pct?: (number|null);

                    /** TagStatus flags */
                    flags?: (fairwatch.wire.v1.TagStatus.Flag[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a TagStatus. */
                type $Shape = fairwatch.wire.v1.TagStatus.$Properties;

                /** Flag enum. */
                enum Flag {

                    /** UNSPECIFIED value */
                    UNSPECIFIED = 0,

                    /** STRAP_TAMPER_START value */
                    STRAP_TAMPER_START = 1,

                    /** STRAP_TAMPER_END value */
                    STRAP_TAMPER_END = 2,

                    /** CASE_OPEN_START value */
                    CASE_OPEN_START = 3,

                    /** CASE_OPEN_END value */
                    CASE_OPEN_END = 4,

                    /** CHARGING_START value */
                    CHARGING_START = 5,

                    /** CHARGING_END value */
                    CHARGING_END = 6,

                    /** SHIELDING_START value */
                    SHIELDING_START = 7,

                    /** SHIELDING_END value */
                    SHIELDING_END = 8,

                    /** JAMMING_START value */
                    JAMMING_START = 9,

                    /** JAMMING_END value */
                    JAMMING_END = 10,

                    /** MOTION_START value */
                    MOTION_START = 11,

                    /** MOTION_END value */
                    MOTION_END = 12,

                    /** SELF_TEST_FAULT value */
                    SELF_TEST_FAULT = 13,

                    /** SELF_TEST_OK value */
                    SELF_TEST_OK = 14
                }
            }

            /**
             * Properties of a HomeUnitStatus.
             * @deprecated Use fairwatch.wire.v1.HomeUnitStatus.$Properties instead.
             */
            interface IHomeUnitStatus extends fairwatch.wire.v1.HomeUnitStatus.$Properties {
            }

            /** Represents a HomeUnitStatus. */
            class HomeUnitStatus {

                /**
                 * Constructs a new HomeUnitStatus.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.HomeUnitStatus.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** HomeUnitStatus flags. */
                flags: fairwatch.wire.v1.HomeUnitStatus.Flag[];

                /** HomeUnitStatus battery_pct. */
                battery_pct?: (number|null);

                /**
                 * Encodes the specified HomeUnitStatus message. Does not implicitly {@link fairwatch.wire.v1.HomeUnitStatus.verify|verify} messages.
                 * @param message HomeUnitStatus message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.HomeUnitStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a HomeUnitStatus message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.HomeUnitStatus & fairwatch.wire.v1.HomeUnitStatus.$Shape} HomeUnitStatus
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.HomeUnitStatus & fairwatch.wire.v1.HomeUnitStatus.$Shape;
            }

            namespace HomeUnitStatus {

                /** Properties of a HomeUnitStatus. */
                interface $Properties {

                    /** HomeUnitStatus flags */
                    flags?: (fairwatch.wire.v1.HomeUnitStatus.Flag[]|null);

                    /** HomeUnitStatus battery_pct */
                    battery_pct?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a HomeUnitStatus. */
                type $Shape = fairwatch.wire.v1.HomeUnitStatus.$Properties;

                /** Flag enum. */
                enum Flag {

                    /** UNSPECIFIED value */
                    UNSPECIFIED = 0,

                    /** MAINS_LOST value */
                    MAINS_LOST = 1,

                    /** MAINS_RESTORED value */
                    MAINS_RESTORED = 2,

                    /** MOVED value */
                    MOVED = 3,

                    /** RESET value */
                    RESET = 4,

                    /** CASE_OPEN_START value */
                    CASE_OPEN_START = 5,

                    /** CASE_OPEN_END value */
                    CASE_OPEN_END = 6,

                    /** SELF_TEST_FAULT value */
                    SELF_TEST_FAULT = 7,

                    /** SELF_TEST_OK value */
                    SELF_TEST_OK = 8
                }
            }

            /**
             * Properties of an AlcoholReading.
             * @deprecated Use fairwatch.wire.v1.AlcoholReading.$Properties instead.
             */
            interface IAlcoholReading extends fairwatch.wire.v1.AlcoholReading.$Properties {
            }

            /** Represents an AlcoholReading. */
            class AlcoholReading {

                /**
                 * Constructs a new AlcoholReading.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.AlcoholReading.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** AlcoholReading tac_ug_l. */
                tac_ug_l: number;

                /** AlcoholReading flags. */
                flags: fairwatch.wire.v1.AlcoholReading.Flag[];

                /**
                 * Encodes the specified AlcoholReading message. Does not implicitly {@link fairwatch.wire.v1.AlcoholReading.verify|verify} messages.
                 * @param message AlcoholReading message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.AlcoholReading.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an AlcoholReading message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.AlcoholReading & fairwatch.wire.v1.AlcoholReading.$Shape} AlcoholReading
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.AlcoholReading & fairwatch.wire.v1.AlcoholReading.$Shape;
            }

            namespace AlcoholReading {

                /** Properties of an AlcoholReading. */
                interface $Properties {

                    /** AlcoholReading tac_ug_l */
                    tac_ug_l?: (number|null);

                    /** AlcoholReading flags */
                    flags?: (fairwatch.wire.v1.AlcoholReading.Flag[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an AlcoholReading. */
                type $Shape = fairwatch.wire.v1.AlcoholReading.$Properties;

                /** Flag enum. */
                enum Flag {

                    /** UNSPECIFIED value */
                    UNSPECIFIED = 0,

                    /** OBSTRUCTED value */
                    OBSTRUCTED = 1,

                    /** REMOVED value */
                    REMOVED = 2,

                    /** CALIBRATION_DUE value */
                    CALIBRATION_DUE = 3
                }
            }

            /**
             * Properties of a Heartbeat.
             * @deprecated Use fairwatch.wire.v1.Heartbeat.$Properties instead.
             */
            interface IHeartbeat extends fairwatch.wire.v1.Heartbeat.$Properties {
            }

            /** Represents a Heartbeat. */
            class Heartbeat {

                /**
                 * Constructs a new Heartbeat.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.Heartbeat.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Heartbeat firmware. */
                firmware: string;

                /** Heartbeat uptime_s. */
                uptime_s: number;

                /**
                 * Encodes the specified Heartbeat message. Does not implicitly {@link fairwatch.wire.v1.Heartbeat.verify|verify} messages.
                 * @param message Heartbeat message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.Heartbeat.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Heartbeat message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Heartbeat & fairwatch.wire.v1.Heartbeat.$Shape} Heartbeat
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.Heartbeat & fairwatch.wire.v1.Heartbeat.$Shape;
            }

            namespace Heartbeat {

                /** Properties of a Heartbeat. */
                interface $Properties {

                    /** Heartbeat firmware */
                    firmware?: (string|null);

                    /** Heartbeat uptime_s */
                    uptime_s?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Heartbeat. */
                type $Shape = fairwatch.wire.v1.Heartbeat.$Properties;
            }

            /**
             * Properties of a Downlink.
             * @deprecated Use fairwatch.wire.v1.Downlink.$Properties instead.
             */
            interface IDownlink extends fairwatch.wire.v1.Downlink.$Properties {
            }

            /** Represents a Downlink. */
            class Downlink {

                /**
                 * Constructs a new Downlink.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.Downlink.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Downlink sequence. */
                sequence: (number|Long);

                /** Downlink ack. */
                ack: fairwatch.wire.v1.Range.$Properties[];

                /** Downlink key. */
                key: string;

                /** Downlink config. */
                config?: (fairwatch.wire.v1.Config.$Properties|null);

                /** Downlink notice. */
                notice: fairwatch.wire.v1.Downlink.Notice;

                /** Downlink resend. */
                resend?: (fairwatch.wire.v1.Range.$Properties|null);

                /** Downlink next_sequence. */
                next_sequence: (number|Long);

                /** Downlink server_time_ms. */
                server_time_ms: (number|Long);

                /**
                 * Encodes the specified Downlink message. Does not implicitly {@link fairwatch.wire.v1.Downlink.verify|verify} messages.
                 * @param message Downlink message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.Downlink.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Downlink message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Downlink & fairwatch.wire.v1.Downlink.$Shape} Downlink
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.Downlink & fairwatch.wire.v1.Downlink.$Shape;
            }

            namespace Downlink {

                /** Properties of a Downlink. */
                interface $Properties {

                    /** Downlink sequence */
                    sequence?: (number|Long|null);

                    /** Downlink ack */
                    ack?: (fairwatch.wire.v1.Range.$Properties[]|null);

                    /** Downlink key */
                    key?: (string|null);

                    /** Downlink config */
                    config?: (fairwatch.wire.v1.Config.$Properties|null);

                    /** Downlink notice */
                    notice?: (fairwatch.wire.v1.Downlink.Notice|null);

                    /** Downlink resend */
                    resend?: (fairwatch.wire.v1.Range.$Properties|null);

                    /** Downlink next_sequence */
                    next_sequence?: (number|Long|null);

                    /** Downlink server_time_ms */
                    server_time_ms?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Downlink. */
                type $Shape = fairwatch.wire.v1.Downlink.$Properties;

                /** Notice enum. */
                enum Notice {

                    /** UNSPECIFIED value */
                    UNSPECIFIED = 0,

                    /** CHARGE_BATTERY value */
                    CHARGE_BATTERY = 1,

                    /** CONTACT_CENTRE value */
                    CONTACT_CENTRE = 2,

                    /** RETURN_HOME value */
                    RETURN_HOME = 3,

                    /** LEAVE_ZONE value */
                    LEAVE_ZONE = 4
                }
            }

            /**
             * Properties of a Range.
             * @deprecated Use fairwatch.wire.v1.Range.$Properties instead.
             */
            interface IRange extends fairwatch.wire.v1.Range.$Properties {
            }

            /** Represents a Range. */
            class Range {

                /**
                 * Constructs a new Range.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.Range.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Range first. */
                first: (number|Long);

                /** Range last. */
                last: (number|Long);

                /**
                 * Encodes the specified Range message. Does not implicitly {@link fairwatch.wire.v1.Range.verify|verify} messages.
                 * @param message Range message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.Range.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Range message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Range & fairwatch.wire.v1.Range.$Shape} Range
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.Range & fairwatch.wire.v1.Range.$Shape;
            }

            namespace Range {

                /** Properties of a Range. */
                interface $Properties {

                    /** Range first */
                    first?: (number|Long|null);

                    /** Range last */
                    last?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Range. */
                type $Shape = fairwatch.wire.v1.Range.$Properties;
            }

            /**
             * Properties of a Config.
             * @deprecated Use fairwatch.wire.v1.Config.$Properties instead.
             */
            interface IConfig extends fairwatch.wire.v1.Config.$Properties {
            }

            /** Represents a Config. */
            class Config {

                /**
                 * Constructs a new Config.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: fairwatch.wire.v1.Config.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Config report_interval_s. */
                report_interval_s: number;

                /** Config violation_interval_s. */
                violation_interval_s: number;

                /** Config heartbeat_s. */
                heartbeat_s: number;

                /**
                 * Encodes the specified Config message. Does not implicitly {@link fairwatch.wire.v1.Config.verify|verify} messages.
                 * @param message Config message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: fairwatch.wire.v1.Config.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Config message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {fairwatch.wire.v1.Config & fairwatch.wire.v1.Config.$Shape} Config
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): fairwatch.wire.v1.Config & fairwatch.wire.v1.Config.$Shape;
            }

            namespace Config {

                /** Properties of a Config. */
                interface $Properties {

                    /** Config report_interval_s */
                    report_interval_s?: (number|null);

                    /** Config violation_interval_s */
                    violation_interval_s?: (number|null);

                    /** Config heartbeat_s */
                    heartbeat_s?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Config. */
                type $Shape = fairwatch.wire.v1.Config.$Properties;
            }
        }
    }
}
