// @ts-check
/** Knows the emoji that cards, templates and people use by name. An unknown name stays written as it is. */

const TABLE = `
smile 😄 grinning 😀 smiley 😃 grin 😁 laughing 😆 joy 😂 sweat_smile 😅 blush 😊 slightly_smiling_face 🙂 wink 😉
heart_eyes 😍 thinking_face 🤔 thinking 🤔 neutral_face 😐 expressionless 😑 unamused 😒 confused 😕 worried 😟 cry 😢 sob 😭 angry 😠 rage 😡
ocean 🌊 open_mouth 😮 astonished 😲 scream 😱 sleeping 😴 sunglasses 😎 relieved 😌 pray 🙏 clap 👏 wave 👋 raised_hands 🙌 raised_hand ✋ ok_hand 👌
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 point_right 👉 point_left 👈 point_up ☝️ point_down 👇 muscle 💪 bow 🙇 handshake 🤝 writing_hand ✍️ pencil ✏️ pencil2 ✏️ memo 📝
heart ❤️ yellow_heart 💛 green_heart 💚 blue_heart 💙 broken_heart 💔 sparkles ✨ star ⭐ star2 🌟 fire 🔥 tada 🎉 boom 💥 100 💯 zap ⚡ bulb 💡
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ heavy_multiplication_x ✖️ no_entry ⛔ no_entry_sign 🚫 warning ⚠️ exclamation ❗
question ❓ grey_question ❔ grey_exclamation ❕ bangbang ‼️ information_source ℹ️ sos 🆘 rotating_light 🚨 bell 🔔 no_bell 🔕 loudspeaker 📢 mega 📣
spiral_note_pad 🗒️ large_orange_diamond 🔶 large_blue_diamond 🔷 small_orange_diamond 🔸 small_blue_diamond 🔹 black_nib ✒️ spiral_calendar 🗓️
red_circle 🔴 large_orange_circle 🟠 orange_circle 🟠 large_yellow_circle 🟡 yellow_circle 🟡 large_green_circle 🟢 green_circle 🟢 large_blue_circle 🔵 blue_circle 🔵 large_purple_circle 🟣
purple_circle 🟣 white_circle ⚪ black_circle ⚫ large_red_square 🟥 large_green_square 🟩 small_red_triangle 🔺 small_red_triangle_down 🔻
arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️ arrow_up_small 🔼 arrow_down_small 🔽 arrow_right_hook ↪️ leftwards_arrow_with_hook ↩️ arrows_counterclockwise 🔄 repeat 🔁 back 🔙
hourglass ⌛ hourglass_flowing_sand ⏳ stopwatch ⏱️ alarm_clock ⏰ clock1 🕐 clock3 🕒 clock9 🕘 watch ⌚ calendar 📅 date 📅 spiral_calendar_pad 🗓️ zzz 💤
rocket 🚀 email 📧 e-mail 📧 envelope ✉️ incoming_envelope 📨 envelope_with_arrow 📩 inbox_tray 📥 outbox_tray 📤 mailbox 📫 mailbox_with_mail 📬 postbox 📮 love_letter 💌
phone ☎️ telephone ☎️ telephone_receiver 📞 iphone 📱 calling 📲 speech_balloon 💬 left_speech_bubble 🗨️ thought_balloon 💭 globe_with_meridians 🌐 computer 💻 keyboard ⌨️
package 📦 truck 🚚 shopping_trolley 🛒 credit_card 💳 moneybag 💰 yen 💴 receipt 🧾 label 🏷️ bookmark 🔖 pushpin 📌 round_pushpin 📍 paperclip 📎 link 🔗 lock 🔒 unlock 🔓 key 🔑
mag 🔍 mag_right 🔎 wrench 🔧 hammer 🔨 gear ⚙️ hammer_and_wrench 🛠️ bar_chart 📊 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 clipboard 📋 file_folder 📁
open_file_folder 📂 page_facing_up 📄 page_with_curl 📃 newspaper 📰 books 📚 wastebasket 🗑️ camera 📷 frame_with_picture 🖼️ art 🎨 microphone 🎤 headphones 🎧
bust_in_silhouette 👤 busts_in_silhouette 👥 woman 👩 man 👨 robot_face 🤖 robot 🤖 ghost 👻 eyes 👀 eye 👁️ see_no_evil 🙈 shushing_face 🤫 zipper_mouth_face 🤐
sunny ☀️ cloud ☁️ umbrella ☂️ snowflake ❄️ rainbow 🌈 cherry_blossom 🌸 four_leaf_clover 🍀 seedling 🌱 coffee ☕ tea 🍵 birthday 🎂 gift 🎁 dog 🐶 cat 🐱
house 🏠 office 🏢 convenience_store 🏪 department_store 🏬 jp 🇯🇵 us 🇺🇸 gb 🇬🇧 flag-jp 🇯🇵 flag-us 🇺🇸 crossed_flags 🎌 checkered_flag 🏁 triangular_flag_on_post 🚩 ticket 🎫 admission_tickets 🎟️
one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ keycap_ten 🔟 heavy_plus_sign ➕ heavy_minus_sign ➖ recycle ♻️ new 🆕 up 🆙 ok 🆗 free 🆓 vs 🆚 shield 🛡️ hugging_face 🤗
`;

/** @type {Map<string, string>} */
const EMOJI = new Map();
const entries = TABLE.trim().split(/\s+/);
for (let at = 0; at + 1 < entries.length; at += 2) EMOJI.set(entries[at], entries[at + 1]);

/** @param {string} name a short name without colons @returns {string | undefined} */
export function emoji(name) {
  return EMOJI.get(name.replace(/::skin-tone-\d$/, ""));
}

/** What the little emoji picker offers. */
export const PICKER = [
  "+1", "white_check_mark", "eyes", "pray", "raised_hands", "tada", "heart", "smile", "joy", "blush", "thinking_face", "wave",
  "clap", "bow", "fire", "sparkles", "100", "rocket", "hourglass_flowing_sand", "warning", "question", "x", "package", "truck",
  "email", "phone", "speech_balloon", "memo", "coffee", "cherry_blossom",
].filter((name) => EMOJI.has(name));
