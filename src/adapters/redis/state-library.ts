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
 * | fairwatch_2_claim    | epoch                                                     | position, or nil            |
 * | fairwatch_2_save     | epoch, previous position, position, last?, n, n × field to remove, field, value … | OK; writes position if last |
 * | fairwatch_2_load     | field …                                                   | position or nil, value or nil … |
 * | fairwatch_2_clear    | epoch                                                     | OK; nothing left but the epoch |
 * | fairwatch_2_fill     | epoch, position, last?, field, value …                    | OK; writes position if last |
 *
 * `last?` is 1 or 0. At most 1,024 states a call: Lua's `unpack` fails near 8,000 values. The version in the names is
 * raised with any change, so that two gateways of different versions do not replace each other's functions.
 */
export const STATE_LIBRARY = `#!lua name=fairwatch_2

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

local function save(keys, args)
  local epoch, position = held(keys[1])
  if epoch > tonumber(args[1]) then return superseded(epoch) end
  -- position == args[3]: the same batch once more, for the answer to the first may have got lost
  if epoch < tonumber(args[1]) or (position ~= args[2] and position ~= args[3]) then return lost(position) end
  local removed = tonumber(args[5])
  if removed > 0 then redis.call('HDEL', keys[1], unpack(args, 6, 5 + removed)) end
  if #args > 5 + removed then redis.call('HSET', keys[1], unpack(args, 6 + removed)) end
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
  if #args > 3 then redis.call('HSET', keys[1], unpack(args, 4)) end
  if args[3] == '1' then redis.call('HSET', keys[1], '@position', args[2]) end
  return redis.status_reply('OK')
end

redis.register_function('fairwatch_2_claim', claim)
redis.register_function('fairwatch_2_save', save)
redis.register_function{function_name = 'fairwatch_2_load', callback = load, flags = {'no-writes'}}
redis.register_function('fairwatch_2_clear', clear)
redis.register_function('fairwatch_2_fill', fill)
`;

export type StateFunction = 'claim' | 'save' | 'load' | 'clear' | 'fill';
export const functionName = (name: StateFunction) => `fairwatch_2_${name}`;
