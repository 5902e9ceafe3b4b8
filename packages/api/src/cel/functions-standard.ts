// The functions of CEL itself and of its extensions (strings, lists, sets, optional values, comprehensions over two variables).

/** One overload a line: its name, the target in parentheses if it is a method, the function with its arguments, the result. */
export const STANDARD_FUNCTIONS = `
logical_not !_(bool) bool
negate_double -_(double) double
negate_int64 -_(int) int
in_list @in(A, list(A)) bool
in_map @in(A, map(A, B)) bool
not_strictly_false @not_strictly_false(bool) bool
list_int_sortByAssociatedKeys (list(T)).@sortByAssociatedKeys(list(int)) list(T)
list_uint_sortByAssociatedKeys (list(T)).@sortByAssociatedKeys(list(uint)) list(T)
list_double_sortByAssociatedKeys (list(T)).@sortByAssociatedKeys(list(double)) list(T)
list_bool_sortByAssociatedKeys (list(T)).@sortByAssociatedKeys(list(bool)) list(T)
list_google.protobuf.Duration_sortByAssociatedKeys (list(T)).@sortByAssociatedKeys(list(duration)) list(T)
list_google.protobuf.Timestamp_sortByAssociatedKeys (list(T)).@sortByAssociatedKeys(list(timestamp)) list(T)
list_string_sortByAssociatedKeys (list(T)).@sortByAssociatedKeys(list(string)) list(T)
list_bytes_sortByAssociatedKeys (list(T)).@sortByAssociatedKeys(list(bytes)) list(T)
not_equals _!=_(A, A) bool
modulo_int64 _%_(int, int) int
modulo_uint64 _%_(uint, uint) uint
logical_and _&&_(bool, bool) bool
multiply_double _*_(double, double) double
multiply_int64 _*_(int, int) int
multiply_uint64 _*_(uint, uint) uint
add_bytes _+_(bytes, bytes) bytes
add_double _+_(double, double) double
add_duration_duration _+_(duration, duration) duration
add_duration_timestamp _+_(duration, timestamp) timestamp
add_timestamp_duration _+_(timestamp, duration) timestamp
add_int64 _+_(int, int) int
add_list _+_(list(A), list(A)) list(A)
add_string _+_(string, string) string
add_uint64 _+_(uint, uint) uint
subtract_double _-_(double, double) double
subtract_duration_duration _-_(duration, duration) duration
subtract_int64 _-_(int, int) int
subtract_timestamp_duration _-_(timestamp, duration) timestamp
subtract_timestamp_timestamp _-_(timestamp, timestamp) duration
subtract_uint64 _-_(uint, uint) uint
divide_double _/_(double, double) double
divide_int64 _/_(int, int) int
divide_uint64 _/_(uint, uint) uint
less_equals_bool _<=_(bool, bool) bool
less_equals_int64 _<=_(int, int) bool
less_equals_int64_double _<=_(int, double) bool
less_equals_int64_uint64 _<=_(int, uint) bool
less_equals_uint64 _<=_(uint, uint) bool
less_equals_uint64_double _<=_(uint, double) bool
less_equals_uint64_int64 _<=_(uint, int) bool
less_equals_double _<=_(double, double) bool
less_equals_double_int64 _<=_(double, int) bool
less_equals_double_uint64 _<=_(double, uint) bool
less_equals_string _<=_(string, string) bool
less_equals_bytes _<=_(bytes, bytes) bool
less_equals_timestamp _<=_(timestamp, timestamp) bool
less_equals_duration _<=_(duration, duration) bool
less_bool _<_(bool, bool) bool
less_int64 _<_(int, int) bool
less_int64_double _<_(int, double) bool
less_int64_uint64 _<_(int, uint) bool
less_uint64 _<_(uint, uint) bool
less_uint64_double _<_(uint, double) bool
less_uint64_int64 _<_(uint, int) bool
less_double _<_(double, double) bool
less_double_int64 _<_(double, int) bool
less_double_uint64 _<_(double, uint) bool
less_string _<_(string, string) bool
less_bytes _<_(bytes, bytes) bool
less_timestamp _<_(timestamp, timestamp) bool
less_duration _<_(duration, duration) bool
equals _==_(A, A) bool
greater_equals_bool _>=_(bool, bool) bool
greater_equals_int64 _>=_(int, int) bool
greater_equals_int64_double _>=_(int, double) bool
greater_equals_int64_uint64 _>=_(int, uint) bool
greater_equals_uint64 _>=_(uint, uint) bool
greater_equals_uint64_double _>=_(uint, double) bool
greater_equals_uint64_int64 _>=_(uint, int) bool
greater_equals_double _>=_(double, double) bool
greater_equals_double_int64 _>=_(double, int) bool
greater_equals_double_uint64 _>=_(double, uint) bool
greater_equals_string _>=_(string, string) bool
greater_equals_bytes _>=_(bytes, bytes) bool
greater_equals_timestamp _>=_(timestamp, timestamp) bool
greater_equals_duration _>=_(duration, duration) bool
greater_bool _>_(bool, bool) bool
greater_int64 _>_(int, int) bool
greater_int64_double _>_(int, double) bool
greater_int64_uint64 _>_(int, uint) bool
greater_uint64 _>_(uint, uint) bool
greater_uint64_double _>_(uint, double) bool
greater_uint64_int64 _>_(uint, int) bool
greater_double _>_(double, double) bool
greater_double_int64 _>_(double, int) bool
greater_double_uint64 _>_(double, uint) bool
greater_string _>_(string, string) bool
greater_bytes _>_(bytes, bytes) bool
greater_timestamp _>_(timestamp, timestamp) bool
greater_duration _>_(duration, duration) bool
select_optional_field _?._(dyn, string) optional_type(V)
conditional _?_:_(bool, A, A) A
list_optindex_optional_int _[?_](list(V), int) optional_type(V)
optional_list_optindex_optional_int _[?_](optional_type(list(V)), int) optional_type(V)
map_optindex_optional_value _[?_](map(K, V), K) optional_type(V)
optional_map_optindex_optional_value _[?_](optional_type(map(K, V)), K) optional_type(V)
index_list _[_](list(A), int) A
index_map _[_](map(A, B), A) B
optional_list_index_int _[_](optional_type(list(V)), int) optional_type(V)
optional_map_index_value _[_](optional_type(map(K, V)), K) optional_type(V)
__not_strictly_false__ __not_strictly_false__(bool) bool
in_list _in_(A, list(A)) bool
in_map _in_(A, map(A, B)) bool
logical_or _||_(bool, bool) bool
bool_to_bool bool(bool) bool
string_to_bool bool(string) bool
bytes_to_bytes bytes(bytes) bytes
string_to_bytes bytes(string) bytes
@mapInsert_map_key_value cel.@mapInsert(map(K, V), K, V) map(K, V)
@mapInsert_map_map cel.@mapInsert(map(K, V), map(K, V)) map(K, V)
string_char_at_int (string).charAt(int) string
contains_string (string).contains(string) bool
list_distinct (list(T)).distinct() list(T)
double_to_double double(double) double
int64_to_double double(int) double
string_to_double double(string) double
uint64_to_double double(uint) double
duration_to_duration duration(duration) duration
int64_to_duration duration(int) duration
string_to_duration duration(string) duration
to_dyn dyn(A) dyn
ends_with_string (string).endsWith(string) bool
list_first (list(V)).first() optional_type(V)
list_flatten (list(list(T))).flatten() list(T)
list_flatten_int (list(dyn)).flatten(int) list(dyn)
string_format (string).format(list(dyn)) string
timestamp_to_day_of_month_1_based (timestamp).getDate() int
timestamp_to_day_of_month_1_based_with_tz (timestamp).getDate(string) int
timestamp_to_day_of_month (timestamp).getDayOfMonth() int
timestamp_to_day_of_month_with_tz (timestamp).getDayOfMonth(string) int
timestamp_to_day_of_week (timestamp).getDayOfWeek() int
timestamp_to_day_of_week_with_tz (timestamp).getDayOfWeek(string) int
timestamp_to_day_of_year (timestamp).getDayOfYear() int
timestamp_to_day_of_year_with_tz (timestamp).getDayOfYear(string) int
timestamp_to_year (timestamp).getFullYear() int
timestamp_to_year_with_tz (timestamp).getFullYear(string) int
timestamp_to_hours (timestamp).getHours() int
timestamp_to_hours_with_tz (timestamp).getHours(string) int
duration_to_hours (duration).getHours() int
timestamp_to_milliseconds (timestamp).getMilliseconds() int
timestamp_to_milliseconds_with_tz (timestamp).getMilliseconds(string) int
duration_to_milliseconds (duration).getMilliseconds() int
timestamp_to_minutes (timestamp).getMinutes() int
timestamp_to_minutes_with_tz (timestamp).getMinutes(string) int
duration_to_minutes (duration).getMinutes() int
timestamp_to_month (timestamp).getMonth() int
timestamp_to_month_with_tz (timestamp).getMonth(string) int
timestamp_to_seconds (timestamp).getSeconds() int
timestamp_to_seconds_tz (timestamp).getSeconds(string) int
duration_to_seconds (duration).getSeconds() int
optional_hasValue (optional_type(V)).hasValue() bool
string_index_of_string (string).indexOf(string) int
string_index_of_string_int (string).indexOf(string, int) int
int64_to_int64 int(int) int
double_to_int64 int(double) int
duration_to_int64 int(duration) int
string_to_int64 int(string) int
timestamp_to_int64 int(timestamp) int
uint64_to_int64 int(uint) int
list_join (list(string)).join() string
list_join_string (list(string)).join(string) string
list_last (list(V)).last() optional_type(V)
string_last_index_of_string (string).lastIndexOf(string) int
string_last_index_of_string_int (string).lastIndexOf(string, int) int
lists_range lists.range(int) list(int)
string_lower_ascii (string).lowerAscii() string
matches matches(string, string) bool
matches_string (string).matches(string) bool
optional_none optional.none() optional_type(V)
optional_of optional.of(V) optional_type(V)
optional_ofNonZeroValue optional.ofNonZeroValue(V) optional_type(V)
optional_unwrap optional.unwrap(list(optional_type(V))) list(V)
optional_or_optional (optional_type(V)).or(optional_type(V)) optional_type(V)
optional_orValue_value (optional_type(V)).orValue(V) V
string_replace_string_string (string).replace(string, string) string
string_replace_string_string_int (string).replace(string, string, int) string
list_reverse (list(T)).reverse() list(T)
list_sets_contains_list sets.contains(list(T), list(T)) bool
list_sets_equivalent_list sets.equivalent(list(T), list(T)) bool
list_sets_intersects_list sets.intersects(list(T), list(T)) bool
size_bytes size(bytes) int
bytes_size (bytes).size() int
size_list size(list(A)) int
list_size (list(A)).size() int
size_map size(map(A, B)) int
map_size (map(A, B)).size() int
size_string size(string) int
string_size (string).size() int
list_slice (list(T)).slice(int, int) list(T)
list_int_sort (list(int)).sort() list(int)
list_uint_sort (list(uint)).sort() list(uint)
list_double_sort (list(double)).sort() list(double)
list_bool_sort (list(bool)).sort() list(bool)
list_google.protobuf.Duration_sort (list(duration)).sort() list(duration)
list_google.protobuf.Timestamp_sort (list(timestamp)).sort() list(timestamp)
list_string_sort (list(string)).sort() list(string)
list_bytes_sort (list(bytes)).sort() list(bytes)
string_split_string (string).split(string) list(string)
string_split_string_int (string).split(string, int) list(string)
starts_with_string (string).startsWith(string) bool
string_to_string string(string) string
bool_to_string string(bool) string
bytes_to_string string(bytes) string
double_to_string string(double) string
duration_to_string string(duration) string
int64_to_string string(int) string
timestamp_to_string string(timestamp) string
uint64_to_string string(uint) string
strings_quote strings.quote(string) string
string_substring_int (string).substring(int) string
string_substring_int_int (string).substring(int, int) string
timestamp_to_timestamp timestamp(timestamp) timestamp
int64_to_timestamp timestamp(int) timestamp
string_to_timestamp timestamp(string) timestamp
string_trim (string).trim() string
type type(A) type(A)
uint64_to_uint64 uint(uint) uint
double_to_uint64 uint(double) uint
int64_to_uint64 uint(int) uint
string_to_uint64 uint(string) uint
optional_unwrapOpt (list(optional_type(V))).unwrapOpt() list(V)
string_upper_ascii (string).upperAscii() string
optional_value (optional_type(V)).value() V
`
