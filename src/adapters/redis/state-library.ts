/**
 * The Redis functions of hot state. One hash a partition holds the states (field: pseudonym, value: sealed) and, beside
 * them in the same key, `@epoch` and `@position`: so what empties or evicts it takes all of it, and is seen.
 *
 * Every function takes KEYS[1] = `fairwatch:{PARTITION}:states` (one slot of Redis Cluster) and answers
 * `-SUPERSEDED <epoch held>` when a higher epoch owns the hash (to `claim`: a higher or the same),
 * `-LOST <position held, or none>` when its content is not what the caller left. After either nothing was written.
 *
 * | function             | ARGV                                                      | returns                     |
 * |----------------------|-----------------------------------------------------------|-----------------------------|
 * | fairwatch_3_claim    | epoch                                                     | position, or nil            |
 * | fairwatch_3_save     | epoch, previous position, position, last?, packed         | OK; writes position if last |
 * | fairwatch_3_load     | field …                                                   | position or nil, value or nil … |
 * | fairwatch_3_clear    | epoch                                                     | OK; nothing left but the epoch |
 * | fairwatch_3_fill     | epoch, position, last?, packed                            | OK; writes position if last |
 *
 * `last?` is 1 or 0. `packed`: field (32 bytes) · length (4, big-endian; 0: the field goes) · value, one after the other: one
 * argument costs the gateway a hundredth of what two for each state did. At most 1,024 states a call: Lua's `unpack` fails near 8,000 values. The version in the names is
 * raised with any change, so that two gateways of different versions do not replace each other's functions.
 */
export const STATE_LIBRARY = `#!lua name=fairwatch_3

local function held(key)
  local found = redis.call('HMGET', key, '@epoch', '@position')
  return tonumber(found[1] or '0'), found[2]
end

local function superseded(epoch)
  return redis.error_reply(string.format('SUPERSEDED %.0f', epoch))
end

local function lost(position)
  return redis.error_reply('LOST ' .. (position or 'none'))
end

local function claim(keys, args)
  local epoch, position = held(keys[1])
  if epoch >= tonumber(args[1]) then return superseded(epoch) end
  redis.call('HSET', keys[1], '@epoch', args[1])
  return position
end

local function put(key, packed)
  local gone, kept, at = {}, {}, 1
  while at <= #packed do
    local field = string.sub(packed, at, at + 31)
    local a, b, c, d = string.byte(packed, at + 32, at + 35)
    local length = ((a * 256 + b) * 256 + c) * 256 + d
    at = at + 36
    if length == 0 then
      gone[#gone + 1] = field
    else
      kept[#kept + 1] = field
      kept[#kept + 1] = string.sub(packed, at, at + length - 1)
    end
    at = at + length
  end
  if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
  if #kept > 0 then redis.call('HSET', key, unpack(kept)) end
end

local function save(keys, args)
  local epoch, position = held(keys[1])
  if epoch > tonumber(args[1]) then return superseded(epoch) end
  -- position == args[3]: the same batch once more, for the answer to the first may have got lost
  if epoch < tonumber(args[1]) or (position ~= args[2] and position ~= args[3]) then return lost(position) end
  put(keys[1], args[5])
  if args[4] == '1' then redis.call('HSET', keys[1], '@position', args[3]) end
  return redis.status_reply('OK')
end

local function load(keys, args)
  local _, position = held(keys[1])
  local values = #args > 0 and redis.call('HMGET', keys[1], unpack(args)) or {}
  table.insert(values, 1, position)
  return values
end

local function clear(keys, args)
  local epoch = held(keys[1])
  if epoch > tonumber(args[1]) then return superseded(epoch) end
  redis.call('UNLINK', keys[1])
  redis.call('HSET', keys[1], '@epoch', args[1])
  return redis.status_reply('OK')
end

local function fill(keys, args)
  local epoch, position = held(keys[1])
  if epoch > tonumber(args[1]) then return superseded(epoch) end
  if epoch < tonumber(args[1]) or position then return lost(position) end
  put(keys[1], args[4])
  if args[3] == '1' then redis.call('HSET', keys[1], '@position', args[2]) end
  return redis.status_reply('OK')
end

redis.register_function('fairwatch_3_claim', claim)
redis.register_function('fairwatch_3_save', save)
redis.register_function{function_name = 'fairwatch_3_load', callback = load, flags = {'no-writes'}}
redis.register_function('fairwatch_3_clear', clear)
redis.register_function('fairwatch_3_fill', fill)
`;

export type StateFunction = 'claim' | 'save' | 'load' | 'clear' | 'fill';
export const functionName = (name: StateFunction) => `fairwatch_3_${name}`;
