//! The table of words for parts of a contact: English, German, French, Spanish, Italian, Dutch, Portuguese, Polish,
//! Russian, Japanese, Chinese. Words of one meaning are separated by `|`.

use super::field::What;

/// What, its label, and the words for it.
pub(crate) const PARTS: &[(What, &str, &str)] = &[
    (
        What::FullName,
        "",
        "name|full name|display name|contact name|formatted name|fn|anzeigename|angezeigter name|vollständiger name|\
         nom complet|nom affiché|nom à afficher|nombre completo|nombre para mostrar|nombre mostrado|nome completo|\
         nome visualizzato|nome de exibição|nome de apresentação|naam|volledige naam|weergavenaam|imię i nazwisko|\
         nazwa wyświetlana|фио|полное имя|отображаемое имя|氏名|表示名|名前|姓名|全名|显示名|显示名称|联系人",
    ),
    (
        What::Given,
        "",
        "first name|given name|given|first|forename|firstname|vorname|prénom|prenom|nombre|nombre de pila|nome|primeiro nome|\
         nome próprio|voornaam|imię|имя|名|名字|given name",
    ),
    (
        What::Additional,
        "",
        "middle name|middle|additional name|middle names|second name|weitere vornamen|zweiter vorname|deuxième prénom|\
         autre prénom|segundo nombre|secondo nome|segundo nome|nome do meio|tweede voornaam|middelste naam|drugie imię|\
         отчество|ミドル ネーム|中间名",
    ),
    (
        What::Family,
        "",
        "last name|last|family name|surname|lastname|family|nachname|familienname|nom|nom de famille|apellido|apellidos|\
         cognome|achternaam|sobrenome|apelido|último nome|nazwisko|фамилия|姓|苗字|姓氏",
    ),
    (
        What::Prefix,
        "",
        "name prefix|prefix|salutation|honorific|honorific prefix|anrede|civilité|tratamiento|appellativo|aanhef|\
         tratamento|zwrot grzecznościowy|обращение|敬称|称谓",
    ),
    (
        What::Suffix,
        "",
        "suffix|name suffix|honorific suffix|namenszusatz|suffixe|sufijo|suffisso|achtervoegsel|sufixo|sufiks|суффикс|后缀|サフィックス",
    ),
    (
        What::PhoneticGiven,
        "",
        "phonetic first name|given name yomi|given yomi|first name yomi|yomi first name|名 (フリガナ)|名フリガナ|フリガナ (名)|名 (よみ)|名 (ふりがな)",
    ),
    (What::PhoneticAdditional, "", "phonetic middle name|additional name yomi"),
    (
        What::PhoneticFamily,
        "",
        "phonetic last name|family name yomi|surname yomi|last name yomi|yomi last name|姓 (フリガナ)|姓フリガナ|フリガナ (姓)|姓 (よみ)|姓 (ふりがな)",
    ),
    (
        What::Nickname,
        "",
        "nickname|nick name|nick|spitzname|surnom|pseudo|apodo|alias|soprannome|bijnaam|roepnaam|apelido (alcunha)|alcunha|pseudonim|псевдоним|прозвище|ニックネーム|昵称",
    ),
    (
        What::Maiden,
        "",
        "maiden name|geburtsname|nom de jeune fille|apellido de soltera|nome da nubile|meisjesnaam|nome de solteira|nazwisko panieńskie|девичья фамилия|旧姓",
    ),
    (
        What::Organisation,
        "",
        "company|organization|organisation|company name|organization name|organisation name|employer|firma|\
         unternehmen|société|entreprise|compañía|empresa|organización|società|azienda|bedrijf|organisatie|organizacja|\
         организация|компания|会社|会社名|勤務先|单位|公司|公司名称",
    ),
    (
        What::Unit,
        "",
        "department|organization department|abteilung|service|département|departamento|dipartimento|reparto|ufficio (reparto)|afdeling|dział|отдел|部署|部门",
    ),
    (
        What::PhoneticOrganisation,
        "",
        "company yomi|phonetic organization name|yomi company name|会社名 (フリガナ)|会社名フリガナ|会社名 (よみ)",
    ),
    (
        What::Title,
        "",
        "job title|title|organization title|position|job|stellung|funktion|arbeitstitel|titel|fonction|titre|\
         titre professionnel|puesto|cargo|título|posizione|qualifica|functie|cargo profissional|stanowisko|\
         должность|役職|肩書き|职务|职位",
    ),
    (
        What::Role,
        "",
        "profession|occupation|role|beruf|rolle|métier|profesión|ocupación|professione|beroep|profissão|zawód|профессия|職業|职业",
    ),
    (
        What::Tel,
        "",
        "phone|telephone|phone number|telephone number|tel|phone value|telefon|telefonnummer|rufnummer|téléphone|numéro de téléphone|teléfono|telefono|telefoon|telefoonnummer|telefone|numer telefonu|телефон|номер телефона|тел|電話|電話番号|电话|电话号码",
    ),
    (
        What::Tel,
        "cell",
        "mobile phone|mobile|cell|cell phone|cellphone|mobile number|mobile telephone|mobiltelefon|mobil|handy|\
         handynummer|mobil tel nr|mobilnummer|mobilfunk|tél. mobile|téléphone mobile|portable|mobile (tél)|móvil|\
         teléfono móvil|celular|cellulare|tel. cellulare|telefono cellulare|mobiel|mobiele telefoon|telemóvel|\
         telefone celular|telefon komórkowy|komórka|мобильный|мобильный телефон|телефон переносной|сотовый|携帯電話|携帯|\
         移动电话|手机",
    ),
    (
        What::Tel,
        "fax",
        "fax|fax number|faxnummer|telefax|télécopie|fax nummer|numéro de fax|número de fax|faks|факс|ファックス|传真|传真号码",
    ),
    (
        What::Tel,
        "pager",
        "pager|pager number|pagernummer|récepteur de radiomessagerie|localizador|buscapersonas|cercapersone|semafoon|pager nummer|пейджер|ポケットベル|寻呼机",
    ),
    (
        What::Tel,
        "main",
        "primary phone|main phone|haupttelefon|téléphone principal|teléfono principal|tel. principale|telefono principale|hoofdtelefoon|telefone principal|telefon podstawowy|основной телефон|通常の電話|主要电话",
    ),
    (
        What::Tel,
        "work main",
        "company main phone|telefon firma|téléphone société|teléfono principal de la compañía|telefono principale società|hoofdtelefoon bedrijf|telefone principal da empresa|główny telefon firmy|основной телефон организации|会社代表電話|单位主要电话",
    ),
    (
        What::Tel,
        "car",
        "car phone|autotelefon|téléphone voiture|teléfono del automóvil|telefono auto|autotelefoon|telefone do carro|telefon w samochodzie|телефон в машине|自動車電話|车载电话",
    ),
    (
        What::Tel,
        "assistant",
        "assistant's phone|assistants phone|telefon assistent|téléphone de l'assistant(e)|teléfono del ayudante|telefono assistente|telefoon assistent|telefone do assistente|telefon asystenta|телефон помощника|秘書の電話|助理的电话",
    ),
    (
        What::Tel,
        "callback",
        "callback|rückmeldung|rappel|devolución de llamada|richiamata|terugbellen|retorno|oddzwanianie|обратный вызов|コールバック|回电话",
    ),
    (What::Tel, "isdn", "isdn"),
    (
        What::Tel,
        "radio",
        "radio phone|funktelefon|radiotéléphone|radioteléfono|radiotelefono|radiotelefoon|radiotelefone|radiotelefon|радиотелефон|無線電話|无线电话",
    ),
    (
        What::Tel,
        "textphone",
        "tty tdd phone|telefon für hörbehinderte|téléphone tty tdd|teléfono tty tdd|telefono tty tdd|teksttelefoon|telefone tty tdd|телетайп телефон с титрами|tty tdd 电话",
    ),
    (What::Tel, "telex", "telex|télex|teleks|телекс|テレックス|电报"),
    (
        What::Email,
        "",
        "email|email address|mail|mail address|email value|primary email|secondary email|alternate email|alternative email|other email|emailadresse|mailadresse|\
         primäre e-mail-adresse|sekundäre e-mail-adresse|zweite e-mail-adresse|adresse de messagerie|courriel|\
         adresse électronique|première adresse électronique|deuxième adresse électronique|correo electrónico|\
         dirección de correo electrónico|correo|correo electrónico principal|correo electrónico secundario|\
         indirizzo posta elettronica|indirizzo di posta elettronica|posta elettronica|indirizzo email|emailadres|\
         primair e-mailadres|endereço de e-mail|endereço de correio eletrónico|correio eletrónico|adres e-mail|\
         adres poczty e-mail|poczta e-mail|адрес эл. почты|эл. почта адрес|эл. почта|электронная почта|\
         адрес электронной почты|почта|電子メール アドレス|電子メール|メール|メールアドレス|电子邮件地址|电子邮件|邮箱|邮件地址",
    ),
    (
        What::EmailName,
        "",
        "email display name|email angezeigter name|emailangezeigter name|nom complet de l'adresse de messagerie|\
         nom d'affichage de la messagerie|nombre de pantalla de correo electrónico|nome visualizzato posta elettronica|\
         weergavenaam voor e-mail|nome para exibição de e-mail|nome a apresentar do correio eletrónico|\
         nazwa wyświetlana e-mail|nazwa wyświetlana poczty e-mail|краткое имя эл. почты|отображаемое имя эл. почты|電子メール表示名|电子邮件显示名称",
    ),
    (
        What::Street,
        "",
        "street|street address|address|address line|postal address|mailing address|road|straße|strasse|anschrift|\
         adresse|straße und hausnummer|rue|calle|dirección|domicilio|via|indirizzo|straat|adres|rua|endereço|morada|\
         ulica|улица|адрес|番地|住所|街道|地址|详细地址",
    ),
    (What::Extended, "", "extended address|apartment|adresszusatz|complément d'adresse"),
    (
        What::PoBox,
        "",
        "po box|p.o. box|post office box|postfach|boîte postale|bp|apartado postal|casella postale|postbus|caixa postal|apartado|skrytka pocztowa|почтовый ящик|а/я|私書箱|邮政信箱",
    ),
    (
        What::City,
        "",
        "city|town|locality|ciudad residencia|ort|stadt|wohnort|ville|ciudad|población|località|città|stad|plaats|woonplaats|cidade|localidade|miasto|miejscowość|город|市区町村|市町村|市|市县|城市",
    ),
    (
        What::Region,
        "",
        "state|region|province|county|state province|state or province|bundesland|kanton|bundesland kanton|département ou région|\
         dép région|état|région|dep région|provincia|estado|estado o provincia|provincia o estado|provincia estado|regione|\
         provincia o regione|provincie|staat provincie|estado distrito|distrito|województwo|stan województwo|stan|\
         область|область край|регион|都道府県|省市自治区|省|省份",
    ),
    (
        What::PostalCode,
        "",
        "postal code|zip|zip code|postcode|zipcode|post code|postleitzahl|plz|code postal|código postal|cp|cap|código de postal|cep|kod pocztowy|индекс|почтовый индекс|郵便番号|邮政编码|邮编",
    ),
    (
        What::Country,
        "",
        "country|country region|nation|land|land region|staat|pays|pays région|país|país región|país o región|paese|paese area geografica|nazione|land regio|país região|kraj|kraj region|страна|страна регион|国|国 地域|国家地区|国家|国家 地区",
    ),
    (What::Formatted, "", "formatted address|whole address|full address"),
    (
        What::Url,
        "",
        "website|web page|web site|webpage|url|homepage|home page|web address|webseite|internetseite|internetadresse|page web|\
         site web|página web|sitio web|pagina web|sito web|webpagina|site|página da web|strona sieci web|strona www|\
         веб страница|сайт|web ページ|webページ|ウェブサイト|ホームページ|网页|网站|主页|profile url",
    ),
    (
        What::Im,
        "",
        "im|im address|instant messenger|screen name|messenger name|messenger id|jabber|xmpp|messenger|chat|adresse de messagerie instantanée|im value",
    ),
    (
        What::Birthday,
        "",
        "birthday|birth date|birthdate|date of birth|dob|geburtstag|geburtsdatum|anniversaire de naissance|date de naissance|anniversaire|cumpleaños|fecha de nacimiento|compleanno|data di nascita|verjaardag|geboortedatum|aniversário|data de nascimento|urodziny|data urodzenia|день рождения|дата рождения|誕生日|生年月日|生日|出生日期",
    ),
    (
        What::BirthYear,
        "",
        "birth year|geburtsjahr|année de naissance|año de nacimiento|anno di nascita|geboortejaar|ano de nascimento|rok urodzenia|год рождения|誕生年|出生年份",
    ),
    (
        What::BirthMonth,
        "",
        "birth month|geburtsmonat|mois de naissance|mes de nacimiento|mese di nascita|geboortemaand|mês de nascimento|miesiąc urodzenia|месяц рождения|誕生月|出生月份",
    ),
    (
        What::BirthDay,
        "",
        "birth day of month|geburtstag (tag)|jour de naissance|día de nacimiento|giorno di nascita|geboortedag|dia de nascimento|dzień urodzenia|день рождения (число)|誕生日 (日)",
    ),
    (
        What::Anniversary,
        "",
        "anniversary|wedding anniversary|wedding|jahrestag|hochzeitstag|anniversaire de mariage ou fête|anniversaire de mariage|aniversario|anniversario|trouwdag|speciale datum|data comemorativa|aniversário de casamento|rocznica|годовщина|記念日|纪念日",
    ),
    (
        What::Relation,
        "spouse",
        "spouse|partner|ehepartner|conjoint(e)|conjoint|cónyuge|coniuge|echtgenoot|echtgenote|cônjuge|małżonek|współmałżonek|супруг(а)|супруг|配偶者|配偶",
    ),
    (What::Relation, "child", "children|child|kinder|enfants|hijos|figli|kinderen|filhos|dzieci|дети|子供|子女"),
    (
        What::Relation,
        "manager",
        "manager's name|managers name|manager|name des der vorgesetzten|vorgesetzter|nom du responsable|nombre del administrador|nome manager|nome responsabile|naam manager|nome do gerente|imię i nazwisko menedżera|руководитель|上司|经理姓名",
    ),
    (
        What::Relation,
        "assistant",
        "assistant's name|assistants name|assistant|name assistent|nom de l'assistant(e)|nombre del ayudante|nome assistente|naam assistent|nome do assistente|imię i nazwisko asystenta|имя помощника|秘書|助理姓名",
    ),
    (What::Gender, "", "gender|sex|geschlecht|sexe|sexo|género|sesso|geslacht|płeć|пол|性別|性别"),
    (
        What::Note,
        "",
        "notes|note|comment|comments|remarks|notizen|notiz|bemerkungen|bemerkung|anmerkungen|remarques|commentaires|notas|observaciones|annotazioni|commenti|notities|opmerkingen|observações|anotações|notatki|uwagi|заметки|примечания|メモ|備考|附注|备注|便笺",
    ),
    (
        What::Categories,
        "",
        "categories|category|groups|group|labels|tags|group membership|kategorien|kategorie|gruppen|gruppe|catégories|catégorie|groupes|groupe|categorías|categoría|grupos|grupo|categorie|categoria|gruppi|gruppo|categorieën|groepen|categorias|kategorie|grupy|категории|группы|группа|分類項目|分類|グループ|类别|分组|组",
    ),
    (What::Photo, "", "photo|picture|image url"),
    (What::Language, "", "language|sprache|langue|idioma|lingua|taal|język|язык|言語|语言"),
    (What::Uid, "", "uid"),
];
