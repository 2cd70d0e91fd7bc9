package salesforcetest

import (
	"slices"
	"strings"
)

// What Salesforce has beside what this org is built of, so that an export is taken whole and a slip of the pen is not: standard
// objects, whose files are loaded as they are, and further standard fields, typed by their values.

var otherObjects = strings.Fields(`
		AcceptedEventRelation AccountCleanInfo AccountContactRelation AccountContactRole AccountFeed AccountHistory AccountPartner AccountShare
		AccountTag AccountTeamMember ActionLinkGroupTemplate ActivityHistory AdditionalNumber Address ApexClass ApexComponent ApexPage ApexTrigger
		Asset AssetHistory AssetRelationship AssetShare AssignmentRule AssociatedLocation AttachedContentDocument Attachment Bookmark BrandTemplate
		BusinessHours BusinessProcess CallCenter CallCoachingMediaProvider Campaign CampaignFeed CampaignHistory CampaignInfluence CampaignMember
		CampaignMemberStatus CampaignShare Case CaseComment CaseContactRole CaseFeed CaseHistory CaseShare CaseSolution CaseTeamMember CaseTeamRole
		CaseTeamTemplate CategoryData CategoryNode ChatterActivity CollaborationGroup CollaborationGroupMember CollaborationGroupRecord
		CombinedAttachment Community ContactCleanInfo ContactFeed ContactHistory ContactPointAddress ContactPointConsent ContactPointEmail
		ContactPointPhone ContactPointTypeConsent ContactRequest ContactShare ContactTag ContentAsset ContentDistribution ContentDocument
		ContentDocumentHistory ContentDocumentLink ContentFolder ContentNote ContentVersion ContentWorkspace ContentWorkspaceDoc ContractContactRole
		ContractFeed ContractHistory ContractLineItem ContractStatus Conversation ConversationEntry Coupon CreditMemo CreditMemoLine CronTrigger
		CustomBrand CustomPermission Dashboard DashboardComponent DataUseLegalBasis DataUsePurpose DatedConversionRate DigitalSignature Division
		Document DocumentAttachmentMap Domain DuplicateRecordItem DuplicateRecordSet EmailMessage EmailMessageRelation EmailRelay
		EmailServicesAddress EmailServicesFunction EmailTemplate EngagementChannelType Entitlement EntitlementContact EntitlementTemplate
		EntityHistory EntitySubscription Event EventFeed EventRelation ExternalDataSource ExternalDataUserAuth FeedAttachment FeedComment FeedItem
		FeedPost FeedTrackedChange FieldHistoryArchive FieldPermissions FinanceBalanceSnapshot FinanceTransaction FiscalYearSettings FlowInterview
		Folder ForecastingAdjustment ForecastingCategory ForecastingItem ForecastingOwnerAdjustment ForecastingQuota ForecastingType
		FulfillmentOrder FulfillmentOrderLineItem Goal GoalLink Group GroupMember Holiday Idea IdeaComment Individual IndividualHistory
		IndividualShare Invoice InvoiceLine Lead LeadCleanInfo LeadFeed LeadHistory LeadShare LeadStatus LeadTag LegalEntity LineitemOverride
		LinkedArticle ListEmail ListEmailRecipientSource ListView Location LoginHistory Macro MacroInstruction MailmergeTemplate MatchingInformation
		MatchingRule Metric MetricDataLink MilestoneType NamedCredential Name Note NoteAndAttachment OpenActivity OperatingHours
		OpportunityCompetitor OpportunityContactRoleSuggestionInsight OpportunityFeed OpportunityFieldHistory OpportunityHistory
		OpportunityLineItemSchedule OpportunityPartner OpportunityRelatedDeleteLog OpportunityShare OpportunitySplit OpportunitySplitType
		OpportunityTag OpportunityTeamMember OrderDeliveryGroup OrderDeliveryMethod OrderFeed OrderHistory OrderItemFeed OrderItemHistory OrderShare
		OrderStatus OrderSummary OrgWideEmailAddress Partner PartnerRole Payment PaymentAuthorization PaymentGateway PaymentLineInvoice
		PaymentMethod Period PermissionSet PermissionSetAssignment PermissionSetGroup PermissionSetLicense Pricebook2History PriceAdjustmentSchedule
		PriceAdjustmentTier ProcessDefinition ProcessInstance ProcessInstanceHistory ProcessInstanceNode ProcessInstanceStep ProcessInstanceWorkitem
		ProcessNode Product2Feed Product2History ProductCatalog ProductCategory ProductCategoryProduct ProductConsumptionSchedule
		ProductEntitlementTemplate ProductItem ProductMedia ProductSellingModel ProductSellingModelOption ProfileSkill ProfileSkillEndorsement
		ProfileSkillUser ProratePolicy PushTopic Question QueueSobject QuickText QuoteDocument QuoteFeed QuoteShare QuoteTemplateRichTextData
		RecentlyViewed Recommendation RecordAction Refund RefundLinePayment Report ReturnOrder ReturnOrderLineItem Scontrol ScratchOrgInfo
		SelfServiceUser ServiceAppointment ServiceContract ServiceResource ServiceTerritory SetupAuditTrail Shipment SocialPersona SocialPost
		Solution SolutionHistory SolutionStatus StaticResource Survey SurveyInvitation SurveyResponse Task TaskFeed TaskPriority TaskRelation
		TaskStatus TaxPolicy TaxTreatment Territory Territory2 Territory2Model Territory2Type TestSuiteMembership ThirdPartyAccountLink TimeSheet
		TimeSheetEntry TimeSlot Topic TopicAssignment UndecidedEventRelation UserAccountTeamMember UserAppInfo UserFeed UserLicense UserPreference
		UserProfileFeed UserRecordAccess UserShare UserTeamMember UserTerritory2Association Vote WebLink WorkBadge WorkBadgeDefinition WorkOrder
		WorkOrderLineItem WorkReward WorkThanks WorkType
	`)

// fieldsEverywhere are on most records of an org, those of custom objects too.
var fieldsEverywhere = strings.Fields(`
		LastActivityDate LastViewedDate LastReferencedDate ConnectionReceivedId ConnectionSentId Division MayEdit IsLocked UserRecordAccessId Name
		OwnerId CurrencyIsoCode RecordTypeId
	`)

var addressParts = strings.Fields(`Street City State PostalCode Country StateCode CountryCode Latitude Longitude GeocodeAccuracy Address`)

var otherFields = map[string][]string{
	"Account": slices.Concat(strings.Fields(`
		PhotoUrl Jigsaw JigsawCompanyId CleanStatus DunsNumber Tradestyle NaicsCode NaicsDesc YearStarted SicDesc DandbCompanyId OperatingHoursId
		Tier ChannelProgramName ChannelProgramLevelName IsPartner IsCustomerPortal IsPersonAccount IsPriorityRecord IsBuyer ActivityMetricId
		ActivityMetricRollupId FirstName LastName MiddleName Salutation Suffix PersonContactId PersonEmail PersonTitle PersonDepartment
		PersonMobilePhone PersonHomePhone PersonOtherPhone PersonAssistantName PersonAssistantPhone PersonBirthdate PersonLeadSource PersonDoNotCall
		PersonHasOptedOutOfEmail PersonHasOptedOutOfFax PersonIndividualId PersonLastCURequestDate PersonLastCUUpdateDate PersonEmailBouncedReason
		PersonEmailBouncedDate PersonGender PersonPronouns PersonActionCadenceId PersonActionCadenceAssigneeId PersonActionCadenceState
		PersonScheduledResumeDateTime PersonActiveTrackerCount AccountScore BillToContactId SourceSystemIdentifier
	`), parts("Billing", "Shipping", "PersonMailing", "PersonOther")),
	"Contact": slices.Concat(strings.Fields(`
		PhotoUrl Jigsaw JigsawContactId CleanStatus MiddleName Suffix HomePhone OtherPhone AssistantName AssistantPhone HasOptedOutOfEmail
		HasOptedOutOfFax DoNotCall LastCURequestDate LastCUUpdateDate EmailBouncedReason EmailBouncedDate IsEmailBounced IndividualId
		IsPersonAccount IsPriorityRecord CanAllowPortalSelfReg Pronouns GenderIdentity ContactSource TitleType DepartmentGroup BuyerAttributes
		ActionCadenceId ActionCadenceAssigneeId ActionCadenceState ScheduledResumeDateTime ActiveTrackerCount FirstCallDateTime FirstEmailDateTime
		ActivityMetricId ActivityMetricRollupId AccountRole
	`), parts("Mailing", "Other")),
	"Opportunity": strings.Fields(`
		CampaignId ForecastCategory TotalOpportunityQuantity FiscalQuarter FiscalYear Fiscal HasOpenActivity HasOverdueTask PushCount AgeInDays
		LastActivityInDays LastStageChangeInDays LastAmountChangedHistoryId LastCloseDateChangedHistoryId IqScore IsExcludedFromTerritory2Filter
		Territory2Id PartnerAccountId IsSplit IsPriorityRecord PrimaryPartnerAccountId OpportunitySource ActivityMetricId ActivityMetricRollupId
		OpportunityScore BudgetConfirmed DiscoveryCompleted ROIAnalysisCompleted
	`),
	"OpportunityLineItem": strings.Fields(`
		HasQuantitySchedule HasRevenueSchedule CanUseQuantitySchedule CanUseRevenueSchedule StartDate EndDate ProductSellingModelId
		RevenueScheduleId ParentLineItemId
	`),
	"OpportunityContactRole": strings.Fields(`AccountId`),
	"OpportunityStage":       strings.Fields(`ForecastCategoryName`),
	"Product2": strings.Fields(`
		ExternalDataSourceId ExternalId IsArchived NumberOfQuantityInstallments QuantityInstallmentPeriod QuantityScheduleType
		NumberOfRevenueInstallments RevenueInstallmentPeriod RevenueScheduleType CanUseQuantitySchedule CanUseRevenueSchedule ProductClass
		SourceProductId SellerId Type ConfigureDuringSale HelpText IsSoldOnlyWithOtherProds AvailabilityDate DiscontinuedDate EndOfLifeDate
		BasedOnId TaxPolicyId BillingPolicyId IsAssetizable UnitOfMeasureId TransferRecordMode ScheduleType
	`),
	"Pricebook2":     strings.Fields(`IsArchived ValidFrom ValidTo CostBookId`),
	"PricebookEntry": strings.Fields(`IsArchived ProductSellingModelId ActivePriceAdjustmentQuantity ActivePriceAdjustmentId`),
	"Contract": slices.Concat(strings.Fields(`
		Name EndDate OwnerExpirationNotice CompanySignedId CompanySignedDate CustomerSignedId CustomerSignedTitle CustomerSignedDate SpecialTerms
		ActivatedById ActivatedDate StatusCode Description LastApprovedDate Pricebook2Id ContractRequestId
	`), parts("Billing", "Shipping")),
	"Quote": slices.Concat(strings.Fields(`
		Pricebook2Id LineItemCount Email Phone Fax ContractId ShippingName QuoteToName AdditionalName CanCreateQuoteLineItems RelatedWorkId
		QuoteAccountId StartDate
	`), parts("Billing", "Shipping", "QuoteTo", "Additional")),
	"QuoteLineItem": strings.Fields(`HasRevenueSchedule HasQuantitySchedule OpportunityLineItemId StartDate EndDate ProductSellingModelId QuoteActionId`),
	"Order": slices.Concat(strings.Fields(`
		ContractId QuoteId OriginalOrderId IsReductionOrder CustomerAuthorizedById CustomerAuthorizedDate CompanyAuthorizedById
		CompanyAuthorizedDate Type ActivatedDate ActivatedById OrderReferenceNumber PoDate Name ShipToContactId Status TaxLocaleType
		BillingEmailAddress BillingPhoneNumber OrderedDate SalesStoreId TotalTaxAmount GrandTotalAmount
	`), parts("Billing", "Shipping")),
	"OrderItem": strings.Fields(`
		AvailableQuantity OriginalOrderItemId QuoteLineItemId LineNumber TotalLineAmount TotalTaxAmount GrossUnitPrice Type ProductSellingModelId
		OrderActionId RelatedOrderItemId TotalAdjustmentAmount AdjustedLineAmount
	`),
	"User": slices.Concat(strings.Fields(`
		Department Phone Fax MobilePhone CommunityNickname BadgeText LocaleSidKey ReceivesInfoEmails ReceivesAdminInfoEmails EmailEncodingKey
		EmployeeNumber DelegatedApproverId LastLoginDate LastPasswordChangeDate OfflineTrialExpirationDate OfflinePdaTrialExpirationDate
		ForecastEnabled CallCenterId Extension FederationIdentifier AboutMe FullPhotoUrl SmallPhotoUrl IsExtIndicatorVisible OutOfOfficeMessage
		MediumPhotoUrl DigestFrequency DefaultGroupNotificationFrequency JigsawImportLimitOverride BannerPhotoUrl SmallBannerPhotoUrl
		MediumBannerPhotoUrl IsProfilePhotoActive IndividualId ContactId AccountId IsPortalEnabled SenderEmail SenderName Signature
		StayInTouchSubject StayInTouchSignature StayInTouchNote MiddleName Suffix DefaultDivision NumberOfFailedLogins SuAccessExpirationDate
		WirelessEmail ManagerId
	`), parts("")),
	"Organization": slices.Concat(strings.Fields(`
		Fax DefaultLocaleSidKey ReceivesInfoEmails ReceivesAdminInfoEmails PreferencesRequireOpportunityProducts
		PreferencesTransactionSecurityPolicy DefaultAccountAccess DefaultContactAccess DefaultOpportunityAccess DefaultLeadAccess DefaultCaseAccess
		DefaultCalendarAccess DefaultPricebookAccess DefaultCampaignAccess ComplianceBccEmail UiSkin SignupCountryIsoCode NumKnowledgeService
		WebToCaseDefaultOrigin MonthlyPageViewsUsed MonthlyPageViewsEntitlement IsReadOnly PreferencesTerminateOldestSession
		PreferencesConsentManagementEnabled PreferencesLightningLoginEnabled PreferencesOnlyLLPermUserAllowed PreferencesIndividualAutoCreateEnabled
	`), parts("")),
	"Profile": strings.Fields(`UserLicenseId IsSsoEnabled UserType`),
	"UserRole": strings.Fields(`
		RollupDescription OpportunityAccessForAccountOwner CaseAccessForAccountOwner ContactAccessForAccountOwner ForecastUserId
		MayForecastManagerShare PortalAccountId PortalType PortalAccountOwnerId
	`),
	"RecordType": strings.Fields(`ModuleName`),
}

// parts are the columns of addresses.
func parts(prefixes ...string) []string {
	var all []string
	for _, p := range prefixes {
		for _, part := range addressParts {
			all = append(all, p+part)
		}
	}
	return all
}

// listed finds a name in a list in any case and gives it as Salesforce spells it. A user's many permissions and preferences all begin alike.
func listed(name string, list []string) (string, bool) {
	for _, k := range list {
		if strings.EqualFold(k, name) {
			return k, true
		}
	}
	return "", false
}

// standardField finds a further standard field of an object.
func standardField(object, name string) (string, bool) {
	lower := strings.ToLower(name)
	switch {
	case object == "User" && (strings.HasPrefix(lower, "userpermissions") || strings.HasPrefix(lower, "userpreferences")),
		object == "Profile" && strings.HasPrefix(lower, "permissions"):
		return name, true
	}
	if k, ok := listed(name, otherFields[object]); ok {
		return k, true
	}
	return listed(name, fieldsEverywhere)
}
